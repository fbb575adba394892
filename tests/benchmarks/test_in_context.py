"""What context gains, in fields of some tiles and over slides: scores, intervals, the table."""

import dataclasses
import json

import numpy as np
import pytest

from benchmarks.in_context import context_json
from benchmarks.in_context_table import context_tables
from edge_runtime.contract import BALANCED, Calibration, Context, Mode, OperatingPoint
from train.bootstrap import Resampling
from train.dense import Dense
from train.tiles import TileSet

SIDE, SLIDES, SPARSE = 12, 5, 3


def mode(threshold):
    points = (BALANCED, 0.0), ("sensitivity95", threshold)
    return Mode({name: OperatingPoint(at, "a test", 0.9, 0.9) for name, at in points}, Calibration())


@pytest.fixture(scope="module")
def data():
    """Five slides with all their tiles, carcinoma in five columns, and three of which every fourth tile is there."""
    rows, columns = (places.ravel() for places in np.indices((SIDE, SIDE)))
    few = (rows % 2 == 0) & (columns % 2 == 0)
    chosen = [np.ones(SIDE * SIDE, bool)] * SLIDES + [few] * SPARSE
    labels = np.concatenate([(columns < 5)[kept] for kept in chosen]).astype(np.uint8)
    slides = np.concatenate([np.full(kept.sum(), f"s{n}") for n, kept in enumerate(chosen)])
    xs, ys = (np.concatenate([50 * at[kept] + 1 for kept in chosen]).astype(np.int32) for at in (columns, rows))
    tiles = np.broadcast_to(np.zeros((50, 50, 3), np.uint8), (len(labels), 50, 50, 3))
    return TileSet(tiles, labels, slides, ("",) * len(labels), slides, xs, ys)


@pytest.fixture(scope="module")
def logits(data):
    noise = np.random.default_rng(0).normal(0, 2, len(data))
    return (2.0 * data.labels - 1 + noise).astype(np.float32)


@pytest.fixture
def contract(make_model):
    flat = Context(((1.0,) * 3,) * 3, mode(-0.5), "a test")
    return dataclasses.replace(make_model().contract, tile=mode(-2.5), context=flat)


@pytest.fixture
def found(data, logits, contract):
    _, slides = np.unique(data.patients, return_inverse=True)
    dense = Dense(slides < SLIDES, "a test")
    return context_json({"lean int8": (contract, logits)}, data, slides, dense, Resampling(200, 0))


def row_of(found, tiles, field, part="rows"):
    (row,) = [row for row in found[part] if (row["tiles"], row["field"]) == (tiles, field)]
    return row


def test_larger_fields_leave_more_tiles_with_all_their_neighbours_and_score_better(found):
    aucs = [row_of(found, "dense", field)["scores"]["auc"] for field in ("1x1", "3x3", "8x6", "slide")]
    assert aucs == sorted(aucs) and aucs[-1] > aucs[0] + 0.1
    modes = [row_of(found, "dense", field)["mode"] for field in ("1x1", "3x3", "8x6", "slide")]
    assert modes == ["tile", "context", "context", "context"]


def test_a_row_tells_of_its_own_tiles_and_slides(found):
    assert found["tiles"]["dense"] == {"tiles": 720, "positives": 300, "patients": 5, "groups": 5}
    assert found["tiles"]["all"]["patients"] == 8 and found["tiles"]["all"]["tiles"] == 720 + 3 * 36


def test_what_tile_mode_says_is_its_plain_score(found, data, logits):
    from edge_runtime import metrics

    scores = row_of(found, "all", "1x1")["scores"]
    assert scores["auc"] == pytest.approx(metrics.auc(data.labels, logits))
    assert scores["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy(data.labels, logits >= 0))


def test_gains_are_against_tile_mode_on_the_same_draws(found):
    gain = row_of(found, "dense", "slide", "gains")
    scores = [row_of(found, "dense", field)["scores"] for field in ("1x1", "slide")]
    assert gain["gain"]["auc"] == pytest.approx(scores[1]["auc"] - scores[0]["auc"])
    low, high = gain["intervals"]["auc"]
    assert 0 < low < gain["gain"]["auc"] < high
    assert not [row for row in found["gains"] if row["field"] == "1x1"]


def test_the_sensitivity_reached_comes_with_its_interval_and_its_spread_over_slides(found):
    (point,) = row_of(found, "dense", "slide")["sensitive"]
    assert point["operating_point"] == "sensitivity95"
    low, high = point["intervals"]["sensitivity"]
    assert low <= point["sensitivity"] <= high
    spread = point["sensitivity_of_slides"]
    assert spread["worst"] <= spread["lower_tenth"] <= spread["median"] <= 1


def test_a_model_without_the_stage_has_tile_mode_alone(data, logits, contract):
    _, slides = np.unique(data.patients, return_inverse=True)
    alone = dataclasses.replace(contract, context=None)
    found = context_json(
        {"lean int8": (alone, logits)}, data, slides, Dense(slides < SLIDES, "a test"), Resampling(50, 0)
    )
    assert {row["field"] for row in found["rows"]} == {"1x1"} and found["gains"] == []


def test_where_no_slide_has_neighbours_all_slides_are_told_alone(data, logits, contract):
    _, slides = np.unique(data.patients, return_inverse=True)
    found = context_json(
        {"m": (contract, logits)}, data, slides, Dense(np.zeros(len(data), bool), "a test"), Resampling(50, 0)
    )
    assert {row["tiles"] for row in found["rows"]} == {"all"}
    assert "context adds nothing" in "".join(context_tables(found))


def test_the_tables_name_field_and_tiles_and_the_record_is_json(found):
    shown = "\n".join(context_tables(json.loads(json.dumps(found, allow_nan=False))))
    for words in ("lean int8, slides with neighbours, fields of 8x6", "`sensitivity95`", "720 tiles (300 with IDC)"):
        assert words in shown
    assert context_tables(None) == ()
