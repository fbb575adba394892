import csv
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.contract import contract_from_json
from edge_runtime.errors import BadInput
from edge_runtime.model_file import flatbuffer_of, open_model
from edge_runtime.network import Network
from quantize.card import model_card
from quantize.cli import main
from quantize.contracts import contract_of, require_format
from quantize.pack import shipped_file
from train.decide import UNDECIDED
from train.formats import HCD
from train.recipe import recipe_of
from train.run_folder import Run
from train.tiles import TileSet

SCORE = dict.fromkeys(("auc", "balanced_accuracy", "f1", "sensitivity", "specificity", "ece"), 0.5)
PARITY = {"tiles": 1, "split": "test", "int8": SCORE, "float": SCORE, "agreement": 1.0, "passed": True, "failures": []}


def run_of(**data):
    """A finished run whose result says this of its data."""
    sizes = dict.fromkeys(("train_tiles", "train_patients", "val_tiles", "val_patients"), 7)
    result = {
        "chosen": "seed0",
        "candidates": {"seed0": {"val_auc": 0.9}},
        "data": sizes | data,
        "multiply_accumulates": 1_000_000,
        "parameters": 1000,
        "versions": {},
    }
    return Run(Path("run"), recipe_of({"network": "lean"}), result)


def contract(**data):
    return contract_of(run_of(**data), UNDECIDED, "1", "int8", "qat")


def tiles(kind):
    return TileSet(
        np.zeros((2, 50, 50, 3), np.uint8), np.array([0, 1], np.uint8), np.array(["a"] * 2), ("",) * 2, format=kind
    )


@pytest.mark.parametrize("data", [{}, {"format": "idc"}])
def test_a_run_of_idc_patches_promises_idc_at_4_um(data):
    made = contract(**data)
    assert made.labels == ("no_idc", "idc") and made.um_per_px == 4 and "breast" in made.task


def test_a_run_of_hcd_has_a_contract_of_its_own_that_survives_the_file():
    made = contract(format="hcd")
    assert made.labels == ("no_metastasis", "metastasis") and made.um_per_px == pytest.approx(1.8624)
    assert made.tile_um == pytest.approx(93.12) and "lymph node" in made.task and "32x32" in made.task
    assert contract_from_json(made.to_json()).um_per_px == made.um_per_px


def test_tiles_of_one_format_are_refused_by_a_model_of_the_other():
    require_format(contract(format="hcd"), tiles("hcd"))
    with pytest.raises(BadInput, match=r"at 4 µm per px for this model, found no_metastasis and metastasis at 1\.8624"):
        require_format(contract(), tiles("hcd"))


def test_the_card_names_the_data_and_the_doubt():
    card = model_card(contract(format="hcd", split_by="picture"), PARITY)
    assert "PatchCamelyon" in card and "IDC archive" not in card and "No patient was known" in card
    card = model_card(contract(), PARITY)
    assert "IDC archive" in card and "In-situ carcinoma" in card and "No patient was known" not in card


def test_a_network_of_torn_patients_is_neither_converted_nor_packed(command, tmp_path, monkeypatch, lean):
    run = run_of(split_by="tile")
    (tmp_path / "run.json").write_text(json.dumps({"recipe": {"network": "lean"}}))
    (tmp_path / "result.json").write_text(json.dumps(run.result))
    code, out, err = command(main, "convert", tmp_path, "--index", tmp_path / "index.csv")
    assert code == 2 and out == "" and "--split-by tile" in err
    torn = dataclasses.replace(lean, contract=contract(split_by="tile"))
    monkeypatch.setattr("quantize.steps.open_model", lambda path: torn)
    code, out, err = command(main, "pack", tmp_path, "--out", tmp_path / "m.tflite")
    assert code == 2 and "--split-by tile" in err and not (tmp_path / "m.tflite").exists()


def test_the_device_takes_a_picture_of_hcd_for_one_tile_and_a_patch_of_idc_for_too_coarse(
    command, tmp_path, write_patch, lean
):
    from edge_runtime.cli import main as cancernet

    model = tmp_path / "hcd.tflite"
    made = shipped_file(flatbuffer_of(lean), contract(format="hcd", split_by="picture"), PARITY)
    model.write_bytes(made)
    picture = write_patch(tmp_path / "train" / "0123abcd.tif", 96, 96)
    words = ("classify", picture, "--model", model, "--um-per-px", 0.97, "--gates", "off")
    code, out, _ = command(cancernet, *words)
    (row,) = csv.DictReader(out.splitlines())
    logit = Network(open_model(model)).logits(HCD.decode(picture.read_bytes())[None])[0]
    assert code == 0 and row["label"] in HCD.labels
    assert float(row["probability"]) == pytest.approx(1 / (1 + np.exp(-logit)), abs=1e-4)
    patch = write_patch(tmp_path / "1" / "0" / "1_idx5_x1_y1_class0.png")
    code, out, err = command(cancernet, "classify", patch, "--model", model, "--gates", "off")
    assert code == 2 and "bad_scale" in out and "this model at 1.8624" in err
