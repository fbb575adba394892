"""What the tests share: the shipped model, tiny pictures, and where the real slides lie."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import settings

from edge_runtime.model_file import open_model, shipped_path

settings.register_profile("no_clock", deadline=None)  # times are measured in benchmarks/, not here
settings.load_profile("no_clock")

ROOT = Path(__file__).resolve().parent.parent
SLIDES = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def lean():
    """The shipped default model."""
    return open_model(shipped_path("lean"))


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
