"""The whole workstation path, once, on tiles of procedural tissue: index, fit, convert, parity, pack, classify."""

import csv
import importlib.util
import json

import numpy as np
import pytest

from edge_runtime.procedural import TISSUES, make_slide

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]

RECIPE = """
network = "{network}"
epochs = 4
batch = 8
average = 0.8
[distillation]
epochs = 2
[fine_tune]
epochs = 3
"""


def write_archive(folder, write_patch):
    """Three patients whose patches of carcinoma and of other tissue come from procedural slides."""
    for patient in range(3):
        slide = make_slide(seed=patient, size=(900, 900))
        for label in (0, 1):
            share = (slide.classes == TISSUES.index("carcinoma")).astype(np.float32)
            places = [(x, y) for y in range(0, 850, 50) for x in range(0, 850, 50)]
            fits = [p for p in places if abs(share[p[1] : p[1] + 50, p[0] : p[0] + 50].mean() - label) < 0.1]
            for x, y in fits[:40]:
                name = f"{patient}/{label}/{patient}_idx5_x{x + 1}_y{y + 1}_class{label}.png"
                write_patch(folder / name, pixels=slide.rgb[y : y + 50, x : x + 50])


@pytest.mark.parametrize("network", ["lean", "cancernet"])
def test_from_patches_to_a_model_file_that_classifies_them(command, tmp_path, write_patch, network):
    from edge_runtime.cli import main as cancernet
    from quantize.cli import main as quantize
    from train.cli import main as train

    write_archive(tmp_path / "idc", write_patch)
    (tmp_path / "splits.csv").write_text("patient_id,split\n0,train\n1,val\n2,test\n")
    (tmp_path / "own.toml").write_text(RECIPE.format(network=network))
    index, run, model = tmp_path / "index.csv", tmp_path / "run", tmp_path / "own.tflite"

    assert command(train, "index", tmp_path / "idc", "--splits", tmp_path / "splits.csv", "--out", index)[0] == 0
    fit = ("fit", "--index", index, "--recipe", tmp_path / "own.toml", "--seeds", 0, 1, "--out", run)
    code, out, _ = command(train, *fit)
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    epochs = {"run/seed0": 4, "run/seed1": 4, "run/distilled": 2, f"{lines[-1]['chosen']}/fine_tuned": 3}
    expected = [(run, epoch + 1) for run, count in epochs.items() for epoch in range(count)]
    assert [(line["run"], line["epoch"]) for line in lines[:-1]] == expected
    candidates = lines[-1]["candidates"]
    assert set(candidates) == {"seed0", "seed1", "distilled"}
    assert lines[-1]["chosen"] == max(candidates, key=lambda name: candidates[name]["val_auc"])
    assert json.loads(command(train, *fit)[1])["run"] == str(run)  # nothing is left to do

    code, out, _ = command(quantize, "convert", run, "--index", index)
    assert code == 0 and json.loads(out.splitlines()[-1])["method"] == "qat"
    code, out, _ = command(quantize, "parity", run, "--index", index)
    report = json.loads(out.splitlines()[-1])
    assert code == (0 if report["passed"] else 1)
    assert report["fake_quantized"]["agreement"] >= 0.95
    assert command(quantize, "pack", run, "--out", model)[0] == 0

    assert command(cancernet, "selftest", model)[0] == 0
    code, out, _ = command(cancernet, "classify", tmp_path / "idc", "--model", model, "--gates", "off")
    rows = list(csv.DictReader(out.splitlines()))
    assert code == 0 and len(rows) >= 100 and all(row["probability"] for row in rows)

    code, out, _ = command(quantize, "convert", run, "--index", index, "--method", "ptq")
    assert code == 0 and json.loads(out.splitlines()[-1])["method"] == "ptq" and not (run / "parity.json").exists()

    (tmp_path / "own.toml").write_text(RECIPE.format(network=network) + "teacher_share = 0.5\n")
    code, _, err = command(train, *fit)
    assert code == 2 and "another recipe" in err
