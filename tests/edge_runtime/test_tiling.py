import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.errors import ScaleOutOfRange
from edge_runtime.tiling import all_true, cut, tile_edges

lengths = st.integers(50, 2000)


@given(lengths)
def test_the_grid_covers_the_whole_length_from_end_to_end(length):
    edges = tile_edges(length, 50)
    assert edges[0] == 0 and edges[-1] == length - 50
    assert (np.diff(edges) <= 50).all()


@given(lengths)
def test_no_smaller_number_of_tiles_would_cover_it(length):
    assert (len(tile_edges(length, 50)) - 1) * 50 < length


@given(lengths)
def test_overlaps_are_spread_evenly(length):
    steps = np.diff(tile_edges(length, 50))
    assert len(steps) == 0 or steps.max() - steps.min() <= 1


def test_a_camera_frame_at_4x_is_a_grid_of_8_by_6():
    assert len(tile_edges(395, 50)) == 8 and len(tile_edges(296, 50)) == 6


def test_less_than_a_tile_is_refused():
    with pytest.raises(ScaleOutOfRange, match="at least one tile"):
        tile_edges(49, 50)


@given(st.integers(4, 30), st.integers(4, 30))
def test_each_tile_holds_the_pixels_at_its_place_row_by_row(height, width):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    tops, lefts = tile_edges(height, 4), tile_edges(width, 4)
    tiles = cut(pixels, lefts, tops, 4)
    assert tiles.flags.c_contiguous
    places = [(top, left) for top in tops for left in lefts]
    for tile, (top, left) in zip(tiles, places, strict=True):
        assert np.array_equal(tile, pixels[top : top + 4, left : left + 4])


@given(st.integers(4, 20), st.integers(4, 20), st.integers(0, 2**32 - 1))
def test_a_tile_counts_as_whole_only_where_every_pixel_has_data(height, width, seed):
    mask = np.random.default_rng(seed).random((height, width)) < 0.9
    tops, lefts = tile_edges(height, 4), tile_edges(width, 4)
    whole = all_true(mask, lefts, tops, 4)
    assert whole.tolist() == [[bool(mask[t : t + 4, le : le + 4].all()) for le in lefts] for t in tops]
