import json

import numpy as np
import pytest
from sklearn import metrics as sk

from edge_runtime.contract import BALANCED, Calibration, Context, Contract, Mode, OperatingPoint, TissueGate
from edge_runtime.metrics import expected_calibration_error
from train.bootstrap import Resampling
from train.evaluate.bands import precision_recall, roc
from train.evaluate.context_mode import context_section, score_fields
from train.evaluate.evaluation import evaluate, mistakes_of, record_of
from train.evaluate.galleries import mistakes, slides
from train.evaluate.history_plots import history_plots
from train.evaluate.mistakes import most_confident_mistakes
from train.evaluate.operating import chosen_points
from train.evaluate.patients import score_patients
from train.evaluate.reading import MOST_UNITS, Units, read_in_context, read_tile_by_tile, units_of
from train.evaluate.scores import ratio, score
from train.slide_maps import dense
from train.tiles import TileSet

NAMES = ("no_idc", "idc")


def contract(threshold=0.0, calibration=None, context=None):
    points = {
        BALANCED: OperatingPoint(threshold, "a test", 0.9, 0.8),
        "sensitivity95": OperatingPoint(-1, "x", 0.95, 0.5),
    }
    mode = Mode(points, calibration or Calibration())
    stage = None if context is None else Context(context, mode)
    gate = TissueGate(0.0, 0.0, 0.0)
    return Contract("a", "0", "a test", 50, 4.0, NAMES, mode, gate, context=stage)


def tiles(labels, patients, xs=None, ys=None):
    n = len(labels)
    pixels = np.random.default_rng(0).integers(0, 256, (n, 50, 50, 3), np.uint8)
    places = {} if xs is None else {"xs": np.array(xs, np.int32), "ys": np.array(ys, np.int32)}
    paths = tuple(f"{n}.png" for n in range(n))
    return TileSet(pixels, np.array(labels, np.uint8), np.array(patients), paths, **places)


def some(n=60, slides=5, seed=0):
    draw = np.random.default_rng(seed)
    labels = draw.integers(0, 2, n).astype(np.uint8)
    logits = (draw.normal(0, 1, n) + labels * 1.5).round(1).astype(np.float32)
    return tiles(labels, [str(k % slides) for k in range(n)]), logits


def evaluated(data, logits, **changes):
    units = units_of(data, Resampling(200, 0))
    return evaluate(data, read_tile_by_tile(contract(**changes), logits), units, NAMES, None, ())


def test_figures_of_a_tiny_case_are_those_counted_by_hand():
    data = tiles([0, 0, 0, 1, 1], list("aabbc"))
    one = evaluated(data, np.array([-2, -1, 1, 2, -1], np.float32))
    assert one.scores.confusion.tolist() == [[2, 1], [1, 1]]
    wanted = {"accuracy": 3 / 5, "sensitivity": 1 / 2, "specificity": 2 / 3, "precision": 1 / 2, "f1": 1 / 2}
    wanted |= {"balanced_accuracy": 7 / 12, "auc": 4.5 / 6}
    assert {name: one.scores.values[name] for name in wanted} == pytest.approx(wanted)
    assert one.scores.report["idc"]["support"] == 2 and one.scores.report["no_idc"]["precision"] == pytest.approx(2 / 3)


def test_loss_and_gap_are_of_the_calibrated_probabilities_and_stand_beside_those_before():
    data, logits = some()
    one = evaluated(data, logits, calibration=Calibration(2.0, -1.0))
    after, before = 1 / (1 + np.exp(-(2 * logits - 1))), 1 / (1 + np.exp(-logits))
    assert one.scores.values["loss"] == pytest.approx(sk.log_loss(data.labels, after), rel=1e-5)
    assert one.before["loss"] == pytest.approx(sk.log_loss(data.labels, before), rel=1e-5)
    assert one.before["ece"] == pytest.approx(expected_calibration_error(data.labels, before), abs=1e-6)


def test_a_draw_of_every_slide_once_gives_the_figures_themselves():
    data, logits = some()
    of_tile = units_of(data, Resampling(1, 0)).of_tile
    once = Units(of_tile, np.ones((1, 5), np.int64))
    found = score(data.labels, read_tile_by_tile(contract(), logits), once, NAMES)
    assert set(found.resampled) == set(found.values) - {"ece", "brier"}
    for name, drawn in found.resampled.items():
        assert drawn[0] == pytest.approx(found.values[name], rel=1e-5), name


def test_intervals_hold_the_figures_and_one_slide_gives_none():
    data, logits = some(200, 10)
    scores = evaluated(data, logits).scores
    assert all(low <= scores.values[name] <= high for name, (low, high) in scores.intervals.items())
    alone = evaluated(tiles(data.labels, ["a"] * 200), logits)
    assert alone.scores.intervals == {} and alone.points[0].intervals["sensitivity"] is None


def test_curves_are_those_of_scikit_learn_within_their_bands():
    data, logits = some(300, 10)
    units = units_of(data, Resampling(300, 0))
    curve = roc(data.labels, logits, units)
    assert sk.auc(curve.x, curve.y) == pytest.approx(sk.roc_auc_score(data.labels, logits))
    middle = np.interp(0.5, curve.x, curve.y)
    assert curve.low[100] <= middle <= curve.high[100] and (curve.low <= curve.high).all()
    found = precision_recall(data.labels, logits, units)
    assert found.x[0] > 0 and found.x[-1] == 1 and found.y[-1] == pytest.approx(data.labels.mean(), abs=0.1)


def test_a_ratio_is_undefined_in_a_draw_that_has_nothing_below_the_line():
    units = Units(np.array([0, 1]), np.array([[2, 0], [1, 1]]))
    assert np.isnan(ratio(units, np.array([0, 1]), np.array([0, 1]))[0])


def test_many_single_pictures_are_drawn_in_parcels():
    n = MOST_UNITS + 500
    data = tiles(np.arange(n) % 2, [str(k) for k in range(n)])
    units = units_of(data, Resampling(3, 0))
    assert units.weights.shape == (3, MOST_UNITS) and set(np.bincount(units.of_tile)) == {1, 2}


def test_patients_are_listed_worst_first_and_one_class_leaves_figures_out():
    labels = np.array([0, 1, 0, 1, 0, 0], np.uint8)
    logits = np.array([-1, 1, 1, -1, -1, 1], np.float32)
    scores = score_patients(labels, np.array(list("aabbcc")), read_tile_by_tile(contract(), logits))
    assert [one.patient for one in scores] == ["b", "c", "a"]
    assert (scores[0].auc, scores[0].balanced_accuracy, scores[2].auc) == (0.0, 0.0, 1.0)
    assert (scores[1].auc, scores[1].sensitivity, scores[1].specificity) == (None, None, 0.5)


def test_operating_points_tell_what_they_promised_and_what_they_reach_by_slide():
    data = tiles([1, 1, 1, 0], list("aabb"))
    point = evaluated(data, np.array([2, -2, -3, -4], np.float32)).points[0]
    assert (point.val_sensitivity, point.figures["sensitivity"]) == (0.9, pytest.approx(1 / 3))
    assert point.slides.tolist() == [0.0, 0.5] and point.threshold_probability == 0.5


def test_thresholds_for_wanted_sensitivities_come_from_the_validation_tiles_given():
    data, logits = some(200, 10)
    val, val_logits = some(200, 10, seed=1)
    reading, units = read_tile_by_tile(contract(), logits), units_of(data, Resampling(10, 0))
    validation = val, read_tile_by_tile(contract(), val_logits)
    wanted = evaluate(data, reading, units, NAMES, validation, [0.8]).wanted[0]
    assert 0.8 <= wanted.val_sensitivity < 0.85
    threshold = chosen_points(val.labels, val_logits, [0.8])["0.8"].threshold_logit
    assert wanted.threshold_logit == threshold
    assert wanted.figures["sensitivity"] == pytest.approx((logits[data.labels == 1] >= threshold).mean())


def test_the_surest_mistakes_of_either_kind_come_first():
    labels = np.array([1, 1, 1, 0, 0, 0], np.uint8)
    called = np.array([0, 0, 1, 1, 1, 0], bool)
    probabilities = np.array([0.3, 0.1, 0.9, 0.8, 0.95, 0.05], np.float32)
    assert most_confident_mistakes(labels, called, probabilities, True, 9).tolist() == [1, 0]
    assert most_confident_mistakes(labels, called, probabilities, False, 1).tolist() == [4]


def test_the_gallery_shows_the_mistakes_with_slide_place_and_probability():
    data = tiles([1, 0, 0], list("abb"), [1, 51, 101], [1, 1, 1])
    one = evaluated(data, np.array([-3, 2, -2], np.float32))
    missed, alarms = mistakes(one, NAMES).blocks
    assert [picture.caption for picture in missed.pictures] == ["a\n1, 1\np = 0.047"]
    assert [picture.caption for picture in alarms.pictures] == ["b\n51, 1\np = 0.881"]
    record = record_of(one)["mistakes"]
    assert record["missed"][0] == {"path": "0.png", "patient_id": "a", "x": 1, "y": 1, "probability": 0.0474}
    assert mistakes_of(one, missed=False) == [1]


def block(rows, columns, slide="a"):
    ys, xs = np.mgrid[:rows, :columns] * 50 + 1
    labels = (xs.ravel() > 100).astype(np.uint8)
    return tiles(labels, [slide] * len(labels), xs.ravel(), ys.ravel())


def test_context_in_fields_of_one_tile_is_tile_mode_and_whole_slides_average():
    data = block(4, 6)
    noise = np.random.default_rng(0).normal(0, 2, len(data))
    logits = (np.where(data.labels, 1.0, -1.0) + noise).astype(np.float32)
    made = contract(calibration=Calibration(1.5, 0.2), context=((1.0,) * 3,) * 3)
    tile, alone = read_tile_by_tile(made, logits), read_in_context(made, logits, data, (1, 1))
    assert np.array_equal(alone.called[BALANCED], tile.called[BALANCED])
    assert np.allclose(alone.probabilities, tile.probabilities)
    whole = read_in_context(made, logits, data)
    assert whole.logits[7] == pytest.approx(logits.reshape(4, 6)[:3, :3].mean(), abs=1e-5)
    assert whole.threshold_logit(float(whole.scores[0])) == pytest.approx(whole.logits[0], abs=1e-5)


def test_both_modes_stand_side_by_side_and_by_size_of_field():
    data = block(8, 8)
    noise = np.random.default_rng(1).normal(0, 2, len(data))
    logits = (np.where(data.labels, 1.0, -1.0) + noise).astype(np.float32)
    made, units = contract(context=((1.0,) * 3,) * 3), units_of(data, Resampling(10, 0))
    readings = [read_tile_by_tile(made, logits), read_in_context(made, logits, data)]
    both = [evaluate(data, reading, units, NAMES, None, ()) for reading in readings]
    fields = score_fields(made, logits, data, units)
    assert [(one.slides, one.field) for one in fields[:4]] == [("all", name) for name in ("1x1", "3x3", "8x6", "slide")]
    assert fields[0].values["auc"] == pytest.approx(both[0].scores.values["auc"])
    assert fields[3].values["auc"] == pytest.approx(both[1].scores.values["auc"])
    assert fields[3].values["auc"] > fields[0].values["auc"]
    assert len(context_section(both, fields).blocks) == 4 and context_section(both[:1], []) is None


def test_slides_whose_tiles_lie_side_by_side_are_painted_and_samples_are_not():
    xs, ys = np.arange(1, 1001, 100), np.arange(1, 1001, 100)
    data = block(4, 6)
    assert [len(found) for found in dense(data)] == [24]
    one = evaluated(data, np.where(data.labels, -1.0, 1.0).astype(np.float32))
    section = slides([one], NAMES)
    captions = [picture.caption for picture in section.blocks[1].blocks]
    assert captions == [
        "Slide a, 24 tiles",
        "Probability, tile mode",
        "Truth: 67 % idc",
        "16 missed, 8 false alarms, tile mode",
    ]
    sparse = tiles([0, 1] * 5, ["a"] * 10, xs, ys)
    assert "No slide" in slides([evaluated(sparse, np.zeros(10, np.float32))], NAMES).blocks[0].text


def test_histories_are_drawn_for_what_their_records_hold():
    old = {"seed0": [{"epoch": 1, "loss": 1.0, "val_auc": 0.5}]}
    new = {
        "seed0": [
            {"epoch": 1, "loss": 1.0, "val_loss": 2.0, "accuracy": 0.5, "val_accuracy": 0.4, "learning_rate": 1e-3}
        ]
    }
    assert len(history_plots(old)) == 2 and len(history_plots(new)) == 3


def test_the_record_is_json_without_nan_even_where_nothing_is_called():
    data, _ = some()
    one = evaluated(data, np.linspace(-3, -2, 60).astype(np.float32))
    record = json.loads(json.dumps(record_of(one), allow_nan=False))
    assert record["operating_points"][0]["figures"]["precision"] is None and record["scores"]["precision"] == 0
