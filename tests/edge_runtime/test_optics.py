import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge_runtime.errors import ScaleOutOfRange
from edge_runtime.optics import resample, scaled_size, tile_places, to_field
from edge_runtime.procedural import make_slide
from edge_runtime.records import Frame


def frame(height, width, um_per_px=4.0, **more):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Frame(pixels, um_per_px, 0, "test", **more)


def test_a_pi_camera_frame_at_4x_becomes_395_by_296_px():
    assert scaled_size(3040, 4056, 0.39, 4.0, 50) == (296, 395)


def test_pixels_are_averaged_over_the_area_that_they_cover():
    source = frame(200, 300, um_per_px=1.0)
    field = to_field(source, 4.0, 50)
    expected = source.pixels.reshape(50, 4, 75, 4, 3).mean((1, 3))
    assert np.abs(field.pixels - expected).max() <= 0.5


def test_a_frame_at_the_models_scale_is_not_copied():
    source = frame(120, 170)
    assert np.shares_memory(to_field(source, 4.0, 50).pixels, source.pixels)


@given(st.floats(0.2, 4.9), st.integers(260, 900), st.integers(260, 900))
def test_tiles_lie_within_the_picture_at_any_scale(um_per_px, height, width):
    assume(min(height, width) * um_per_px >= 202)
    source = frame(height, width, um_per_px)
    field = to_field(source, 4.0, 50)
    lefts, tops = tile_places(source, field)
    tile = 200 / um_per_px
    assert lefts[0] == tops[0] == 0
    assert abs(lefts[-1] + tile - width) <= tile / 50 + 1 and abs(tops[-1] + tile - height) <= tile / 50 + 1


def test_places_count_from_the_slide_where_a_frame_was_cut_from_one():
    source = frame(100, 150, origin_xy=(1001, 51))
    assert tile_places(source, to_field(source, 4.0, 50)) == ([1001, 1051, 1101], [51, 101])


def test_a_tile_that_touches_a_hole_has_no_data():
    mask = np.ones((400, 600), bool)
    mask[399, 0] = False
    field = to_field(frame(400, 600, um_per_px=1.0, has_data=mask), 4.0, 50)
    assert field.has_data.tolist() == [[True, True, True], [False, True, True]]


@pytest.mark.parametrize(
    ("um_per_px", "message"),
    [(0.01, "at least one tile of 200 µm"), (5.1, "at most 5 µm per px"), (100, "lacks the detail")],
)
def test_a_scale_that_does_not_suit_the_model_is_refused(um_per_px, message):
    with pytest.raises(ScaleOutOfRange, match=message):
        to_field(frame(400, 400, um_per_px), 4.0, 50)


@pytest.mark.parametrize("size", [(608, 812), (1520, 2028), (601, 811)])
def test_a_picture_that_shrinks_a_lot_is_the_mean_by_area_but_for_a_grey_level_here_and_there(size):
    slide = make_slide(seed=2, size=(100, 130)).rgb
    pixels = cv2.resize(slide, size[::-1], interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, 4, pixels.shape)
    pixels = np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8)
    wanted = (round(size[0] / 10.3), round(size[1] / 10.3))
    exact = cv2.resize(pixels.astype(np.float32), wanted[::-1], interpolation=cv2.INTER_AREA)
    off = resample(pixels, wanted) - exact
    assert (np.abs(off) > 1.5).mean() < 0.01 and np.abs(off).mean() < 0.5 and abs(off.mean()) < 0.25


def test_a_picture_that_the_camera_brought_to_the_models_scale_is_taken_as_it_is():
    reduced = np.random.default_rng(1).integers(0, 256, (200, 300, 3), np.uint8)
    source = frame(1000, 1500, um_per_px=0.8, reduced=reduced)
    field = to_field(source, 4.0, 50)
    assert field.pixels is reduced and field.shape == (4, 6)
    assert tile_places(source, field) == ([0, 250, 500, 750, 1000, 1250], [0, 250, 500, 750])
    holes = np.ones((1000, 1500), bool)
    holes[:10, :10] = False
    holed = to_field(frame(1000, 1500, um_per_px=0.8, reduced=reduced, has_data=holes), 4.0, 50)
    assert not holed.has_data[0, 0] and holed.has_data.sum() == 23


@pytest.mark.parametrize("size", [(100, 150), (200, 290), (400, 600)])
def test_a_reduced_picture_of_another_scale_is_left_alone(size):
    source = frame(1000, 1500, um_per_px=0.8, reduced=np.zeros((*size, 3), np.uint8))
    assert np.array_equal(to_field(source, 4.0, 50).pixels, to_field(frame(1000, 1500, um_per_px=0.8), 4.0, 50).pixels)
