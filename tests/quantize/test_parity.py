import json

import numpy as np
import pytest

from edge_runtime.contract import Calibration, Mode, OperatingPoint
from quantize.cli import main
from quantize.parity import Side, compare
from tests.conftest import ROOT, SLIDES
from train.decide import bagged_threshold, decide, platt


def mode(threshold=0.0):
    return Mode({"balanced_accuracy": OperatingPoint(threshold, "test", 0.9, 0.9)}, Calibration())


def evidence(count=400, seed=0):
    draw = np.random.default_rng(seed)
    labels = (np.arange(count) % 2).astype(np.uint8)
    logits = (draw.normal(0, 1, count) + 2 * labels - 1).astype(np.float32)
    return labels, logits, tuple(map(str, range(count)))


def report(int8_logits, float_logits, labels, paths, threshold=0.0):
    return compare(Side("a", int8_logits, mode(threshold)), Side("b", float_logits, mode()), labels, paths)


def test_equal_models_pass_with_full_agreement():
    labels, logits, paths = evidence()
    found = report(logits, logits, labels, paths)
    assert found["passed"] and found["agreement"] == 1 and found["balanced_accuracy_drop"] == 0


def test_a_model_that_agrees_too_rarely_fails_by_that_name():
    labels, logits, paths = evidence()
    flipped = logits.copy()
    flipped[:12] = -flipped[:12] + 0.001
    found = report(flipped, logits, labels, paths)
    assert found["agreement"] == pytest.approx(0.97)
    assert not found["passed"] and any("agree on 0.9700" in failure for failure in found["failures"])


def test_a_model_that_loses_balanced_accuracy_fails_by_that_name():
    labels, logits, paths = evidence()
    worse = logits.copy()
    hit = np.flatnonzero((labels == 1) & (logits > 0))[:3]
    worse[hit] = -1
    found = report(worse, logits, labels, paths)
    assert found["balanced_accuracy_drop"] == pytest.approx(3 / 200 / 2)
    assert [failure for failure in found["failures"] if "balanced accuracy drops" in failure]


def test_a_model_that_is_better_does_not_fail_for_it():
    labels, logits, paths = evidence()
    better = logits.copy()
    better[np.flatnonzero((labels == 1) & (logits < 0))[:3]] = 1
    assert report(better, logits, labels, paths)["passed"]


def test_the_tiles_that_differ_most_are_named():
    labels, logits, paths = evidence()
    moved = logits.copy()
    moved[17] += 3
    worst = report(moved, logits, labels, paths)["worst_tiles"]
    assert worst[0]["path"] == "17" and len(worst) == 10


def test_the_report_is_json():
    labels, logits, paths = evidence()
    json.dumps(report(logits, logits, labels, paths), allow_nan=False)


def test_platt_finds_the_scale_and_bias_that_made_the_labels():
    draw = np.random.default_rng(0)
    logits = draw.normal(0, 2, 20_000).astype(np.float32)
    labels = (draw.random(20_000) < 1 / (1 + np.exp(-(1.7 * logits - 0.4)))).astype(np.uint8)
    found = platt(labels, logits)
    assert found.scale == pytest.approx(1.7, abs=0.08) and found.bias == pytest.approx(-0.4, abs=0.06)


def test_the_threshold_lies_where_the_classes_part_whatever_single_slide_says():
    labels, logits, _ = evidence(2000)
    slides = (np.arange(2000) // 100).astype(str)
    assert bagged_threshold(labels, logits, slides) == pytest.approx(0.0, abs=0.25)


def test_a_hair_of_noise_hardly_moves_the_threshold():
    labels, logits, _ = evidence(2000)
    slides = (np.arange(2000) // 100).astype(str)
    moved = logits + np.random.default_rng(1).normal(0, 0.02, 2000).astype(np.float32)
    assert bagged_threshold(labels, moved, slides) == pytest.approx(bagged_threshold(labels, logits, slides), abs=0.05)


def test_both_operating_points_come_with_what_they_reach_on_validation_tiles():
    labels, logits, _ = evidence(2000)
    chosen = decide(labels, logits, (np.arange(2000) // 100).astype(str))
    assert list(chosen.operating_points) == ["balanced_accuracy", "sensitivity95"]
    assert chosen.operating_points["sensitivity95"].val_sensitivity >= 0.95


def test_a_model_alone_needs_its_reference(command, tmp_path):
    code, out, err = command(main, "parity", tmp_path / "lean.tflite")
    assert code == 2 and out == "" and "--reference" in err


def test_two_int8_models_are_no_pair(command, tmp_path, index_of_tissue):
    model = ROOT / "edge_runtime" / "models" / "lean.tflite"
    code, out, err = command(
        main, "parity", model, "--reference", model, "--index", index_of_tissue, "--split", "train"
    )
    assert code == 2 and out == "" and "float32 reference" in err


@pytest.fixture
def index_of_tissue(tmp_path, write_patch):
    from edge_runtime.procedural import make_slide
    from train.patch_index import IndexRow, write_index

    slide, rows = make_slide(seed=3, size=(400, 400)).rgb, []
    for n in range(8):
        path = write_patch(tmp_path / f"p_idx5_x{50 * n}_y0_class{n % 2}.png", pixels=slide[:50, 50 * n : 50 * n + 50])
        rows.append(IndexRow(str(path), "p", "p", 50 * n, 0, n % 2, "train"))
    write_index(rows, tmp_path / "index.csv")
    return tmp_path / "index.csv"


def test_a_split_without_tiles_is_said(command, index_of_tissue):
    models = ROOT / "edge_runtime" / "models" / "lean.tflite", ROOT / "quantize" / "reference" / "lean.tflite"
    code, _, err = command(main, "parity", models[0], "--reference", models[1], "--index", index_of_tissue)
    assert code == 2 and "split 'test', found no tile" in err


@pytest.mark.slides
@pytest.mark.parametrize("network", ["lean", "cancernet"])
def test_the_shipped_models_pass_the_gate_on_real_slides(command, real_slides, tmp_path, network):
    from train.cli import main as train

    index = tmp_path / "index.csv"
    assert command(train, "index", real_slides, "--splits", SLIDES / "splits.csv", "--out", index)[0] == 0
    code, out, _ = command(
        main,
        "parity",
        ROOT / "edge_runtime" / "models" / f"{network}.tflite",
        "--reference",
        ROOT / "quantize" / "reference" / f"{network}.tflite",
        "--index",
        index,
    )
    found = json.loads(out)
    assert code == 0 and found["passed"] and found["tiles"] == 6261
