"""The whole workstation path, once a format, on procedural tissue: index, fit, convert, parity, pack, classify."""

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
    assert lines[-1]["report"] == str(run / "report" / "evaluate_val.html") and (run / "report").is_dir()
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


def write_hcd(folder, write_patch):
    """Pictures of 96x96 px whose middle is carcinoma or not, in three groups, labelled as Kaggle labels them."""
    labels, groups = ["id,label"], ["id,wsi"]
    for slide_number in range(3):
        slide = make_slide(seed=slide_number, size=(900, 900))
        share = (slide.classes == TISSUES.index("carcinoma")).astype(np.float32)
        for label in (0, 1):
            corners = [(x, y) for y in range(0, 800, 48) for x in range(0, 800, 48)]
            fits = [p for p in corners if abs(share[p[1] + 32 : p[1] + 64, p[0] + 32 : p[0] + 64].mean() - label) < 0.1]
            for x, y in fits[:30]:
                name = f"{slide_number * 10**6 + label * 10**5 + y * 1000 + x:040x}"
                write_patch(folder / "train" / f"{name}.tif", pixels=slide.rgb[y : y + 96, x : x + 96])
                labels.append(f"{name},{label}")
                groups.append(f"{name},slide{slide_number}")
    (folder / "train_labels.csv").write_text("\n".join(labels) + "\n")
    (folder / "wsi.csv").write_text("\n".join(groups) + "\n")


def test_lymph_nodes_become_a_model_with_a_contract_of_its_own(command, tmp_path, write_patch):
    from edge_runtime.cli import main as cancernet
    from quantize.cli import main as quantize
    from train.cli import main as train

    hcd, index, run, model = tmp_path / "hcd", tmp_path / "index.csv", tmp_path / "run", tmp_path / "node.tflite"
    write_hcd(hcd, write_patch)
    recipe = RECIPE.format(network="tiny").replace("epochs = 2", "epochs = 0")
    (tmp_path / "own.toml").write_text("stain_strength = 1.0\n" + recipe)
    assert command(train, "index", hcd, "--groups", hcd / "wsi.csv", "--out", index)[0] == 0
    fit = ("fit", "--index", index, "--recipe", tmp_path / "own.toml", "--seeds", 0, "--out", run)
    assert command(train, *fit)[0] == 0
    assert command(quantize, "convert", run, "--index", index)[0] == 0
    assert command(quantize, "parity", run, "--index", index)[0] in (0, 1)
    assert command(quantize, "pack", run, "--out", model)[0] == 0

    contract = json.loads(command(cancernet, "inspect", model)[1])["contract"]
    assert contract["labels"] == ["no_metastasis", "metastasis"] and contract["um_per_px"] == pytest.approx(1.8624)
    pictures = hcd / "train"
    code, out, _ = command(cancernet, "classify", pictures, "--model", model, "--um-per-px", 0.97, "--gates", "off")
    rows = list(csv.DictReader(out.splitlines()))
    assert code == 0 and len(rows) == len(list(pictures.iterdir())) >= 60
    assert {row["label"] for row in rows} <= {"no_metastasis", "metastasis"} and all(row["probability"] for row in rows)

    write_archive(tmp_path / "idc", write_patch)
    code, _, err = command(cancernet, "classify", tmp_path / "idc", "--model", model)
    assert code == 2 and "1.86" in err
