"""The path of the virtual stage, as properties."""

from __future__ import annotations

import itertools
import logging

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.cameras.stage import Slide, VirtualStage, serpentine, spans

lengths, steps = st.integers(1, 500), st.integers(1, 200)


def visits(size: tuple[int, int], field: tuple[int, int], smallest: int) -> np.ndarray:
    """Count how often each px of a slide is seen."""
    seen = np.zeros(size, int)
    for box in serpentine(size, field, smallest):
        seen[box.slices] += 1
    return seen


@given(st.tuples(st.integers(1, 120), st.integers(1, 120)), st.tuples(steps, steps), st.integers(1, 60))
def test_every_pixel_is_seen(size: tuple[int, int], field: tuple[int, int], smallest: int) -> None:
    assert visits(size, field, smallest).min() >= 1


@given(st.tuples(st.integers(1, 120), st.integers(1, 120)), st.tuples(steps, steps))
def test_no_pixel_is_seen_twice_where_fields_may_be_cut_small(size: tuple[int, int], field: tuple[int, int]) -> None:
    assert visits(size, field, 1).max() == 1


@given(lengths, steps, st.integers(1, 200))
def test_no_span_is_smaller_than_asked_unless_the_slide_is(length: int, step: int, smallest: int) -> None:
    for start, stop in spans(length, max(step, smallest), smallest):
        assert 0 <= start < stop <= length
        assert stop - start >= min(smallest, length)


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 5), st.integers(1, 5))
def test_fields_of_whole_patches_stay_on_the_grid_of_patches(rows: int, columns: int, high: int, wide: int) -> None:
    for box in serpentine((rows * 50, columns * 50), (high * 50, wide * 50)):
        assert not (box.x % 50 or box.y % 50 or box.width % 50 or box.height % 50)


@given(st.tuples(lengths, lengths), st.tuples(st.integers(20, 200), st.integers(20, 200)))
def test_the_stage_moves_along_one_axis_at_a_time(size: tuple[int, int], field: tuple[int, int]) -> None:
    boxes = serpentine(size, field)
    for before, after in itertools.pairwise(boxes):
        assert (before.x == after.x) != (before.y == after.y)


def test_rows_are_visited_to_and_fro() -> None:
    assert [(box.x, box.y) for box in serpentine((20, 30), (10, 10))] == [
        (0, 0), (10, 0), (20, 0),
        (20, 10), (10, 10), (0, 10),
    ]  # fmt: skip


def test_a_rest_that_is_too_small_is_moved_back_and_a_larger_one_is_cut() -> None:
    assert spans(105, 50, 10) == [(0, 50), (50, 100), (95, 105)]
    assert spans(115, 50, 10) == [(0, 50), (50, 100), (100, 115)]
    assert spans(7, 50, 10) == [(0, 7)]


def slide(**more: object) -> Slide:
    rgb = np.arange(60 * 90 * 3, dtype=np.uint32).reshape(60, 90, 3).astype(np.uint8)
    return Slide(rgb, 4.0, "s", (1, 51), **more)  # type: ignore[arg-type]


def test_frames_are_views_with_their_place_on_the_slide() -> None:
    truth = np.eye(60, 90, dtype=np.uint8)
    under = slide(truth=truth)
    frames = list(VirtualStage(under, (30, 40)).frames())
    assert [frame.index for frame in frames] == list(range(6))
    assert [frame.origin_xy for frame in frames] == [(1, 51), (41, 51), (81, 51), (81, 81), (41, 81), (1, 81)]
    for frame in frames:
        assert np.shares_memory(frame.pixels, under.rgb) and np.shares_memory(frame.truth, truth)
        x, y = frame.origin_xy[0] - 1, frame.origin_xy[1] - 51
        height, width = frame.pixels.shape[:2]
        assert np.array_equal(frame.pixels, under.rgb[y : y + height, x : x + width])


def test_fields_without_data_are_skipped_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    has_data = np.zeros((60, 90), bool)
    has_data[:30] = True
    has_data[30, 0] = True
    stage = VirtualStage(slide(has_data=has_data), (30, 30))
    with caplog.at_level(logging.INFO):
        frames = list(stage.frames())
    assert stage.skipped == 2 and "skipped 2 fields" in caplog.text
    assert [frame.has_data is None for frame in frames] == [True, True, True, False]
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert frames[3].has_data is not None and frames[3].has_data.sum() == 1
