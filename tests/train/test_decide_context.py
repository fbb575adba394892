"""Thresholds and calibration of context mode: from tiles with neighbours, as the device will blend them."""

import logging

import numpy as np
import pytest

from edge_runtime.contract import BALANCED
from edge_runtime.errors import BadInput
from edge_runtime.reading import blend
from train.decide import decide, sensitivity_name
from train.decide_context import decide_context, in_context
from train.tiles import TileSet

FLAT = ((1.0,) * 3,) * 3
PIXELS = np.zeros((1, 50, 50, 3), np.uint8)


def slides_of(count, side=12, seed=0, noise=1.5, shift=0.0, first=0):
    """Slides whose left half is carcinoma: tiles without pixels, and logits with noise a tile and a shift a slide."""
    draw = np.random.default_rng(seed)
    rows, columns = (places.ravel() for places in np.indices((side, side)))
    labels = np.tile((columns < side // 2).astype(np.uint8), count)
    slides = np.repeat([f"s{first + n}" for n in range(count)], side * side)
    moved = np.repeat(draw.normal(0, shift, count), side * side)
    logits = 2.0 * labels - 1 + draw.normal(0, noise, len(labels)) + moved
    xs, ys = np.tile(50 * columns + 1, count).astype(np.int32), np.tile(50 * rows + 1, count).astype(np.int32)
    tiles = np.broadcast_to(PIXELS, (len(labels), 50, 50, 3))
    return TileSet(tiles, labels, slides, ("",) * len(labels), slides, xs, ys), logits.astype(np.float32)


def test_among_neighbours_tiles_are_told_apart_better_and_the_calibration_is_steeper():
    val, logits = slides_of(8)
    tile = decide(val.labels, logits, val.patients)
    context = decide_context(val, logits, FLAT, tile, chosen_by="a test")
    assert context.chosen_by == "a test" and context.kernel == FLAT
    assert list(context.mode.operating_points) == list(tile.operating_points)
    point = context.mode.operating_points[BALANCED]
    assert point.val_sensitivity + point.val_specificity > sum(
        (tile.operating_points[BALANCED].val_sensitivity, tile.operating_points[BALANCED].val_specificity)
    )
    assert context.mode.calibration.scale > 1.5 * tile.calibration.scale


def test_the_stated_figures_are_those_of_the_blended_rule():
    val, logits = slides_of(8)
    tile = decide(val.labels, logits, val.patients)
    context = decide_context(val, logits, FLAT, tile)
    found = in_context(val, logits, FLAT)
    near = found.support >= 0.5
    for name, point in context.mode.operating_points.items():
        called = blend(found, tile, context.mode, name).positive[near]
        assert point.val_sensitivity == pytest.approx(called[val.labels[near] == 1].mean(), abs=2e-3)
        assert point.val_specificity == pytest.approx(1 - called[val.labels[near] == 0].mean(), abs=2e-3)


def test_where_every_slide_has_neighbours_the_wanted_sensitivity_is_reached_on_them():
    val, logits = slides_of(8)
    tile = decide(val.labels, logits, val.patients, 0.9)
    point = decide_context(val, logits, FLAT, tile, 0.9).mode.operating_points["sensitivity90"]
    assert 0.9 <= point.val_sensitivity <= 0.92  # 2 tiles in a thousand at the corners lack neighbours


def test_few_slides_with_neighbours_are_moved_towards_what_all_slides_say():
    near, near_logits = slides_of(3, seed=1)
    rest, rest_logits = slides_of(20, seed=2, first=3)
    alone = np.full(len(rest), -1, np.int32)
    both = TileSet(
        np.broadcast_to(PIXELS, (len(near) + len(rest), 50, 50, 3)),
        np.concatenate([near.labels, rest.labels]),
        np.concatenate([near.patients, rest.patients]),
        ("",) * (len(near) + len(rest)),
        np.concatenate([near.groups, rest.groups]),
        np.concatenate([near.xs, alone]),
        np.concatenate([near.ys, alone]),
    )
    logits = np.concatenate([near_logits + 1, rest_logits])  # the three are stained darker than the twenty
    by_all = decide_context(both, logits, FLAT, decide(both.labels, logits, both.patients))
    few = decide(near.labels, near_logits + 1, near.patients)
    by_few = decide_context(near, near_logits + 1, FLAT, few)
    for name in by_few.mode.operating_points:
        moved, stayed = (one.mode.operating_points[name].threshold_logit for one in (by_all, by_few))
        assert stayed - 0.8 < moved < stayed - 0.2
    assert by_all.mode.calibration.bias > by_few.mode.calibration.bias + 0.2


@pytest.mark.parametrize(("count", "side"), [(2, 12), (4, 5)])
def test_too_few_tiles_with_neighbours_give_no_stage_and_say_so(caplog, count, side):
    val, logits = slides_of(count, side)
    tile = decide(val.labels, logits, val.patients)
    with caplog.at_level(logging.WARNING):
        assert decide_context(val, logits, FLAT, tile) is None
    assert "judges each tile by itself" in caplog.text and f"on {count}" in caplog.text


def test_tiles_without_a_place_give_no_stage():
    val, logits = slides_of(8)
    lost = TileSet(val.tiles, val.labels, val.patients, val.paths)
    assert decide_context(lost, logits, FLAT, decide(val.labels, logits, val.patients)) is None


@pytest.mark.parametrize(
    ("wanted", "name"), [(0.95, "sensitivity95"), (0.9, "sensitivity90"), (0.975, "sensitivity97.5")]
)
def test_an_operating_point_is_named_after_the_sensitivity_that_was_wanted(wanted, name):
    val, logits = slides_of(3)
    points = decide(val.labels, logits, val.patients, wanted).operating_points
    assert list(points) == [BALANCED, name] and points[name].val_sensitivity >= wanted


@pytest.mark.parametrize("wanted", [0.0, 1.0, 95.0, float("nan")])
def test_a_sensitivity_that_is_no_share_is_refused(wanted):
    with pytest.raises(BadInput, match="between 0 and 1"):
        sensitivity_name(wanted)
