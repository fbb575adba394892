"""What the tests share: the shipped model, tiny pictures, and where the real slides lie."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import settings

from edge_runtime.contract import CONTRACT_VERSION, Calibration, Context, Mode
from edge_runtime.golden import golden_bytes
from edge_runtime.model_file import CARD, CONTRACT, GOLDEN, PARITY, flatbuffer_of, open_model, seal, shipped_path
from quantize.golden import context_vectors

settings.register_profile("no_clock", deadline=None)  # times are measured in benchmarks/, not here
settings.load_profile("no_clock")

ROOT = Path(__file__).resolve().parent.parent
SLIDES = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def lean():
    """The shipped default model."""
    return open_model(shipped_path("lean"))


@pytest.fixture(scope="session")
def lean_in_context(lean, tmp_path_factory):
    """The shipped graph with another context stage, the mean over 3x3 tiles; slides are taken as they are stained."""
    tile = lean.contract.tile
    points = {
        name: dataclasses.replace(point, threshold_logit=point.threshold_logit + 0.5)
        for name, point in tile.operating_points.items()
    }
    mode = Mode(points, Calibration(2 * tile.calibration.scale, tile.calibration.bias - 0.5))
    context = Context(((1.0,) * 3,) * 3, mode, "a test")
    return _changed(lean, context, tmp_path_factory.mktemp("models") / "in_context.tflite")


@pytest.fixture(scope="session")
def lean_alone(lean, tmp_path_factory):
    """The shipped graph without a context stage; slides are taken as they are stained."""
    return _changed(lean, None, tmp_path_factory.mktemp("models") / "alone.tflite")


def _changed(lean, context, path):
    contract = dataclasses.replace(
        lean.contract, context=context, stain_normalization=None, contract_version=CONTRACT_VERSION
    )
    golden = dataclasses.replace(lean.golden, context=context_vectors(context))
    parts = {CONTRACT: contract.to_json().encode(), GOLDEN: golden_bytes(golden)}
    parts |= {name: lean.part(name) for name in (PARITY, CARD)}
    path.write_bytes(seal(flatbuffer_of(lean), parts))
    return open_model(path)


@pytest.fixture(scope="session")
def real_slides(tmp_path_factory):
    """A folder with the real test slides as users download them."""
    if not (SLIDES / "idc.zip").exists():
        pytest.skip("the real IDC tiles are not beside this checkout")
    folder = tmp_path_factory.mktemp("idc")
    script = [sys.executable, SLIDES / "unpack_idc.py", folder, "--split", "test"]
    subprocess.run(script, check=True, capture_output=True)
    return folder


@pytest.fixture
def write_patch():
    """A function that writes a picture of random colours, or of given ones."""

    def write(path, height=50, width=50, seed=0, pixels=None):
        if pixels is None:
            pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), pixels[..., ::-1])
        return path

    return write


@pytest.fixture
def command(capsys):
    """Run a command line of ours in this process; returns (exit code, standard output, standard error)."""

    def run(main, *words):
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:  # argparse leaves this way
            code = stop.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return run
