"""The context stage by itself: against a plain loop, dense against sparse, and what the blend does at its ends."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.context import MAX_PLACE_PX, Grid, InContext, Places, alone, over_grid, over_places
from edge_runtime.contract import CONTEXT, Calibration, Mode, OperatingPoint, contract_from_json
from edge_runtime.errors import BadModelFile
from edge_runtime.reading import blend, read_out

FLAT = ((1.0,) * 3,) * 3
SKEWED = ((0.5, 2.0, 0.0), (1.0, 4.0, 3.0), (0.0, 0.25, 1.5))


def mode(threshold, scale=1.0, bias=0.0):
    return Mode({"balanced_accuracy": OperatingPoint(threshold, "a test", 0.9, 0.9)}, Calibration(scale, bias))


def by_hand(kernel, logits, judged):
    """Return logits and support of a grid, by the words of the contract."""
    reach, (rows, columns) = len(kernel) // 2, logits.shape
    out, support = np.full(logits.shape, np.nan), np.zeros(logits.shape)
    whole = sum(map(sum, kernel)) - kernel[reach][reach]
    for row, column in np.ndindex(rows, columns):
        weights, sums, near = 0.0, 0.0, 0.0
        for dy, dx in np.ndindex(2 * reach + 1, 2 * reach + 1):
            y, x, weight = row + dy - reach, column + dx - reach, kernel[dy][dx]
            if 0 <= y < rows and 0 <= x < columns and judged[y, x]:
                weights, sums = weights + weight, sums + weight * float(logits[y, x])
                near += weight if (y, x) != (row, column) else 0.0
        if judged[row, column]:
            out[row, column], support[row, column] = sums / weights, near / whole
    return out, support


def scattered(shape, seed, share=0.7):
    draw = np.random.default_rng(seed)
    return draw.normal(0, 4, shape).astype(np.float32), draw.random(shape) < share


@st.composite
def kernels(draw):
    reach = draw(st.integers(1, 6))
    side = 2 * reach + 1
    weights = draw(st.lists(st.floats(0, 5, width=32), min_size=side * side, max_size=side * side))
    weights[side * side // 2] = draw(st.floats(0.5, 5, width=32))
    weights[0] += 0.5
    return tuple(tuple(weights[row * side : row * side + side]) for row in range(side))


@pytest.mark.parametrize("kernel", [FLAT, SKEWED])
@pytest.mark.parametrize("share", [1.0, 0.6, 0.05])
def test_a_grid_becomes_its_weighted_mean_over_what_was_judged(kernel, share):
    logits, judged = scattered((6, 8), 1, share)
    expected, support = by_hand(kernel, logits, judged)
    found = over_grid(kernel, logits, judged)
    assert found.logits[judged] == pytest.approx(expected[judged], abs=1e-5)
    assert found.support[judged] == pytest.approx(support[judged], abs=1e-6)
    assert found.logits.dtype == found.support.dtype == np.float32


@given(kernels(), st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**31), st.floats(0, 1))
def test_the_dense_and_the_sparse_stage_agree(kernel, rows, columns, seed, share):
    logits, judged = scattered((rows, columns), seed, share)
    ys, xs = (50 * places.ravel() + 1 for places in np.indices((rows, columns)))
    shuffled = np.random.default_rng(seed).permutation(rows * columns)
    places = Places(np.zeros(rows * columns, int), xs[shuffled], ys[shuffled], 50)
    dense = over_grid(kernel, logits, judged)
    sparse = over_places(kernel, logits.ravel()[shuffled], judged.ravel()[shuffled], places)
    known = judged.ravel()[shuffled]
    assert sparse.logits[known] == pytest.approx(dense.logits.ravel()[shuffled][known], abs=1e-4)
    assert sparse.support[known] == pytest.approx(dense.support.ravel()[shuffled][known], abs=1e-5)


@given(st.integers(0, 2**31))
def test_slides_are_judged_together_as_they_are_one_by_one(seed):
    draw = np.random.default_rng(seed)
    slides, cells = draw.integers(0, 4, 60), draw.integers(0, 5, (60, 2)) * 50
    logits, judged = scattered(60, seed)
    together = over_places(SKEWED, logits, judged, Places(slides, cells[:, 0], cells[:, 1], 50))
    for slide in range(4):
        own = slides == slide
        places = Places(np.zeros(own.sum(), int), cells[own, 0], cells[own, 1], 50)
        apart = over_places(SKEWED, logits[own], judged[own], places)
        assert np.array_equal(together.logits[own], apart.logits, equal_nan=True)
        assert np.array_equal(together.support[own], apart.support)


@pytest.mark.parametrize("kernel", [FLAT, ((1.0,) * 13,) * 13])
def test_an_isolated_tile_keeps_its_logit_to_the_bit(kernel):
    logits, judged = np.full((40, 40), 7.3, np.float32), np.zeros((40, 40), bool)
    judged[[0, 20, 39], [0, 20, 39]] = True
    logits[20, 20] = -1.2345678
    found = over_grid(kernel, logits, judged)
    assert np.array_equal(found.logits[judged], logits[judged]) and not found.support[judged].any()
    places = Places(np.zeros(3, int), np.array([0, 1000, 1950]), np.array([0, 1000, 1950]), 50)
    sparse = over_places(kernel, logits[judged], np.ones(3, bool), places)
    assert np.array_equal(sparse.logits, logits[judged]) and not sparse.support.any()


def test_a_refused_tile_stays_without_a_logit_and_is_nobodys_neighbour():
    logits, judged = np.zeros((3, 3), np.float32), np.ones((3, 3), bool)
    logits[1, 1], judged[1, 1] = np.nan, False
    for found in (over_grid(FLAT, logits, judged), Grid(3, 3).in_context(FLAT, logits.ravel(), judged.ravel())):
        values = found.logits.reshape(3, 3)
        assert np.isnan(values[1, 1]) and (values[judged] == 0).all()


def test_tiles_off_the_grid_and_without_a_place_have_no_neighbours():
    xs, ys = np.array([1, 51, 76, 101, -1, -1, 51]), np.array([1, 1, 1, 1, -1, 1, MAX_PLACE_PX])
    logits = np.arange(7, dtype=np.float32)
    found = over_places(FLAT, logits, np.ones(7, bool), Places(np.zeros(7, int), xs, ys, 50))
    assert found.logits == pytest.approx([0.5, 4 / 3, 2, 2, 4, 5, 6])
    assert found.support.tolist() == [0.125, 0.25, 0, 0.125, 0, 0, 0]


def test_a_second_copy_of_a_tile_is_no_neighbour_and_the_first_that_was_judged_stands_for_both():
    xs, ys = np.array([1, 1, 1, 51]), np.ones(4, int)
    logits, judged = np.array([9, 2, 4, 6], np.float32), np.array([False, True, True, True])
    found = over_places(FLAT, logits, judged, Places(np.zeros(4, int), xs, ys, 50))
    assert found.logits[1:].tolist() == [4, 5, 4]  # 2 and 6; 4 and 6; 6 and 2
    assert found.support[1:].tolist() == [0.125, 0.125, 0.125]


def test_a_slide_of_absurd_extent_takes_no_more_memory_than_its_tiles():
    far = MAX_PLACE_PX - 1
    xs, ys = np.array([0, far, far - 50, 0]), np.array([0, far, far, far])
    places = Places(np.array([2**31 - 1] * 4), xs, ys, 50)
    found = over_places(FLAT, np.array([1, 2, 4, 8], np.float32), np.ones(4, bool), places)
    assert found.logits.tolist() == [1, 3, 3, 8]


def test_neither_an_empty_slide_nor_one_without_a_judged_tile_is_an_error():
    none = Places(np.zeros(0, int), np.zeros(0, int), np.zeros(0, int), 50)
    assert len(over_places(FLAT, np.zeros(0, np.float32), np.zeros(0, bool), none).logits) == 0
    one = Places(np.zeros(1, int), np.ones(1, int), np.ones(1, int), 50)
    assert np.isnan(over_places(FLAT, np.full(1, np.nan, np.float32), np.zeros(1, bool), one).logits).all()


def test_without_support_the_reading_is_that_of_tile_mode_to_the_bit(lean_in_context):
    contract = lean_in_context.contract
    logits = np.linspace(-9, 9, 4001, dtype=np.float32)
    for name, point in contract.tile.operating_points.items():
        reading = read_out(contract, alone(logits), name)
        assert np.array_equal(reading.positive, logits >= point.threshold_logit)
        assert np.array_equal(reading.probabilities, contract.tile.calibration.probability(logits))


def test_with_full_support_the_reading_is_that_of_context_mode_to_the_bit(lean_in_context):
    contract = lean_in_context.contract
    logits = np.linspace(-9, 9, 4001, dtype=np.float32)
    reading = read_out(contract, InContext(logits, np.ones_like(logits)))
    assert np.array_equal(reading.positive, logits >= contract.operating_point(mode=CONTEXT)[1].threshold_logit)
    assert np.array_equal(reading.probabilities, contract.mode(CONTEXT).calibration.probability(logits))


def test_between_them_threshold_scale_and_bias_lie_on_a_line():
    logits, support = np.array([0.24, 0.26, 1.0], np.float32), np.full(3, 0.25, np.float32)
    reading = blend(InContext(logits, support), mode(0.0, 1.0, 0.0), mode(1.0, 3.0, -2.0))
    assert reading.positive.tolist() == [False, True, True]
    assert reading.scores == pytest.approx(1.5 * logits - 0.5)


def test_a_model_without_the_stage_reads_every_tile_by_itself(lean):
    contract = dataclasses.replace(lean.contract, context=None)
    assert contract.operating_point(mode=CONTEXT) == contract.operating_point()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kernel": [[1, 1], [1, 1]]}, "odd side"),
        ({"kernel": [[1, 1, 1], [1, 1], [1, 1, 1]]}, "odd side"),
        ({"kernel": [[1, 1, 1], [1, -1, 1], [1, 1, 1]]}, "not negative"),
        ({"kernel": [[1, 1, 1], [1, 0, 1], [1, 1, 1]]}, "weight on the tile itself"),
        ({"kernel": [[0, 0, 0], [0, 1, 0], [0, 0, 0]]}, "and on a neighbour"),
        ({"mode": {"operating_points": {}, "calibration": {}}}, "at least one operating point"),
    ],
)
def test_a_stage_that_cannot_be_run_is_refused(lean_in_context, change, message):
    values = json.loads(lean_in_context.contract.to_json())
    values["context"] |= change
    with pytest.raises(BadModelFile, match=message):
        contract_from_json(json.dumps(values))


def test_both_modes_have_the_same_operating_points(lean_in_context):
    contract = lean_in_context.contract
    first = next(iter(contract.tile.operating_points))
    fewer = Mode({first: contract.tile.operating_points[first]}, contract.tile.calibration)
    with pytest.raises(BadModelFile, match="in context mode too"):
        dataclasses.replace(contract, context=dataclasses.replace(contract.context, mode=fewer))
