"""A model file gets thresholds, calibration and a context stage from other slides, and serves."""

import json

import cv2
import numpy as np
import pytest

from edge_runtime.cli import main as cancernet
from edge_runtime.contract import CONTRACT_VERSION
from edge_runtime.model_file import flatbuffer_of, open_model
from edge_runtime.procedural import TISSUES, make_slide
from quantize.cli import main
from tests.conftest import ROOT
from train.patch_index import IndexRow, write_index

REFERENCE = ROOT / "quantize" / "reference" / "lean.tflite"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Three slides for validation and one for test, of 10x10 tiles side by side."""
    folder, rows = tmp_path_factory.mktemp("slides"), []
    for patient, split in enumerate(("val", "val", "val", "test")):
        slide = make_slide(seed=patient, size=(500, 500))
        carcinoma = slide.classes == TISSUES.index("carcinoma")
        for row, column in np.ndindex(10, 10):
            part = slice(50 * row, 50 * row + 50), slice(50 * column, 50 * column + 50)
            label, x, y = int(carcinoma[part].mean() > 0.5), 50 * column + 1, 50 * row + 1
            path = folder / f"{patient}_idx5_x{x}_y{y}_class{label}.png"
            assert cv2.imwrite(str(path), slide.rgb[part][..., ::-1])
            rows.append(IndexRow(str(path), str(patient), str(patient), x, y, label, split))
    write_index(rows, folder / "index.csv")
    return folder / "index.csv"


@pytest.fixture
def recalibrate(command, index, tmp_path):
    """Run the command; returns (exit code, report, standard error, the path that it was to write)."""

    def run(*words, model="lean"):
        out = tmp_path / "own.tflite"
        given = ("recalibrate", model, "--reference", REFERENCE, "--index", index, "--out", out, *words)
        code, said, err = command(main, *given)
        return code, json.loads(said) if said else None, err, out

    return run


def test_the_graph_stays_and_the_contract_is_that_of_the_new_slides(command, recalibrate, index, lean, tmp_path):
    parent = tmp_path / "own_float.tflite"
    words = ("--version", "9", "--context", "1,0,2", "--sensitivity", "0.9", "--reference-out", parent)
    code, report, err, out = recalibrate(*words)
    assert code == (0 if report["passed"] else 1) and "in context" in err
    model = open_model(out)
    contract = model.contract
    assert flatbuffer_of(model) == flatbuffer_of(lean) and model.sha256 == report["sha256"]
    assert (contract.version, contract.contract_version) == ("9", CONTRACT_VERSION)
    assert contract.context.kernel == ((1, 1, 1), (1, 2, 1), (1, 1, 1)) and "own 2" in contract.context.chosen_by
    assert list(contract.tile.operating_points) == ["balanced_accuracy", "sensitivity90"]
    assert contract.training["data"]["val_patients"] == 3
    assert contract.training["recalibrated"]["from_version"] == lean.contract.version
    assert np.array_equal(model.golden.tiles, lean.golden.tiles)
    assert "Among neighbours" in model.part("MODEL_CARD.md").decode()
    assert open_model(parent).contract.context.kernel == contract.context.kernel
    assert report["context"]["tiles"] == 96 and report["context"]["agreement"] > 0.9  # all but the corners

    code, said, _ = command(cancernet, "selftest", out)
    assert code == 0 and json.loads(said)["context_off"] <= 1e-4
    code, said, _ = command(main, "parity", out, "--reference", parent, "--index", index)
    assert json.loads(said)["context"] == report["context"]


def test_a_stage_is_kept_unless_another_is_asked_for_and_none_can_be_asked_for(recalibrate, lean_in_context):
    kernel = lean_in_context.contract.context.kernel
    for words, expected in (((), kernel), (("--context", "0,0,1"), None)):
        _, _, _, out = recalibrate("--version", "9", *words, model=lean_in_context.name)
        context = open_model(out).contract.context
        assert (context.kernel if context else None) == expected


def test_a_recipe_gives_the_stage_too(recalibrate, tmp_path):
    recipe = tmp_path / "own.toml"
    recipe.write_text('network = "lean"\n[context]\nradius = 2\nsigma = 1.0\n')
    _, _, _, out = recalibrate("--version", "9", "--recipe", recipe)
    assert len(open_model(out).contract.context.kernel) == 5


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--version", open_model(REFERENCE).contract.version), "expected a version other than that of"),
        (("--version", "9", "--context", "1,0"), "expected --context RADIUS,SIGMA,OWN"),
        (("--version", "9", "--context", "1,0,0"), "expected own above 0"),
        (("--version", "9", "--context", "99,0,1"), "radius between 0 and 8"),
        (("--version", "9", "--sensitivity", "95"), "between 0 and 1"),
        (("--version", "9", "--split", "train"), "split 'train', found no tile"),
        (("--version", "9", "--reference-out", "parent.bin"), "end in .tflite"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_nothing_is_written(recalibrate, words, message):
    code, report, err, out = recalibrate(*words)
    assert code == 2 and report is None and message in err and not out.exists()
