from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.dense import dense_slides, neighbour_shares
from train.slide_maps import dense
from train.split_files import read_splits
from train.tiles import TileSet


def tiles(slides, xs, ys):
    pixels = np.broadcast_to(np.zeros((50, 50, 3), np.uint8), (len(xs), 50, 50, 3))
    names, labels = np.array(slides), np.zeros(len(xs), np.uint8)
    return TileSet(pixels, labels, names, ("",) * len(xs), names, np.array(xs, np.int32), np.array(ys, np.int32))


def grid(rows, columns, slide, step=50):
    ys, xs = (at.ravel() * step + 1 for at in np.indices((rows, columns)))
    return [slide] * len(xs), xs.tolist(), ys.tolist()


def joined(*parts):
    return tiles(*(list(chain.from_iterable(column)) for column in zip(*parts, strict=True)))


def dense_names(data, coverage=None):
    return set(data.patients[dense_slides(data, coverage).chosen].tolist())


def test_a_block_of_tiles_is_dense_and_scattered_tiles_are_not():
    assert dense_names(joined(grid(4, 6, "block"), grid(4, 6, "scattered", step=100))) == {"block"}


def test_tiles_whose_place_is_not_known_are_not_dense():
    data = tiles(["a"] * 9, [-1] * 9, [-1] * 9)
    assert not dense_slides(data).chosen.any() and dense(data) == []


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 4), st.integers(0, 4)), min_size=1, unique=True))
def test_a_slide_is_dense_when_its_median_tile_has_half_its_neighbours(places):
    data = tiles([slide for slide, _, _ in places], [50 * x for _, x, _ in places], [50 * y for _, _, y in places])
    shares = [
        sum((slide, x + dx, y + dy) in places for dx in (-1, 0, 1) for dy in (-1, 0, 1) if dx or dy) / 8
        for slide, x, y in places
    ]
    assert neighbour_shares(data).tolist() == shares
    expected = {
        slide
        for slide in {slide for slide, _, _ in places}
        if np.median([share for share, place in zip(shares, places, strict=True) if place[0] == slide]) >= 0.5
    }
    assert dense_names(data) == expected


@pytest.mark.parametrize("word", ["whole", "window"])
def test_what_the_splits_tell_of_a_slide_goes_before_its_neighbours(word, tmp_path):
    data = joined(grid(4, 6, "block"), grid(4, 6, "scattered", step=100))
    splits = tmp_path / "splits.csv"
    splits.write_text(f"patient_id,split,coverage\nblock,test,sample\nscattered,test,{word}\n")
    coverage = {slide: side.coverage for slide, side in read_splits(splits).items()}
    assert dense_names(data, coverage) == {"scattered"}


def test_splits_that_tell_no_coverage_leave_it_to_the_neighbours(tmp_path):
    data = joined(grid(4, 6, "block"), grid(4, 6, "scattered", step=100))
    splits = tmp_path / "splits.csv"
    splits.write_text("patient_id,split\nblock,test\nscattered,test\n")
    coverage = {slide: side.coverage for slide, side in read_splits(splits).items()}
    assert dense_names(data, coverage) == {"block"}


def test_slides_are_shown_the_densest_and_largest_first():
    data = joined(grid(3, 3, "small"), grid(6, 6, "large"), grid(5, 5, "middling"), grid(2, 4, "scattered", step=100))
    assert [data.patients[found[0]] for found in dense(data)] == ["large", "middling", "small"]
