import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_runtime.area import MOST, mean_of_areas, odd_factor
from edge_runtime.optics import resample

FACTORS = st.sampled_from([3, 5, 7, 9, 11, 25, MOST])


def pictures(height, width, channels, seed, levels):
    """Pictures of noise over a few grey levels or all of them: the fewer, the more means lie near a half."""
    shape = (height, width, channels) if channels else (height, width)
    return np.random.default_rng(seed).integers(*levels, shape).astype(np.uint8)


@settings(max_examples=60, deadline=None)
@given(
    FACTORS,
    st.integers(1, 4),
    st.integers(1, 6),
    st.sampled_from([0, 3]),
    st.integers(0, 99),
    st.sampled_from([(0, 256), (7, 9), (254, 256)]),
)
def test_the_mean_of_an_area_is_opencvs_to_the_bit(factor, rows, columns, channels, seed, levels):
    pixels = pictures(factor * rows, factor * columns, channels, seed, levels)
    wanted = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(mean_of_areas(pixels, factor), wanted.reshape(rows, columns, *pixels.shape[2:]))


@pytest.mark.parametrize("factor", range(3, MOST + 1, 2))
@pytest.mark.parametrize("level", [0, 127, 254])
def test_a_mean_as_near_to_a_half_as_can_be_is_rounded_to_its_own_side(factor, level):
    half = factor**2 // 2
    for more, wanted in ((half, level), (half + 1, level + 1)):
        pixels = np.full(factor**2, level, np.uint8)
        pixels[:more] += 1
        area = np.random.default_rng(factor).permutation(pixels).reshape(factor, factor)
        assert mean_of_areas(area, factor) == cv2.resize(area, (1, 1), interpolation=cv2.INTER_AREA) == wanted


def test_a_picture_of_many_bands_has_no_seam():
    pixels = pictures(5 * 131, 5 * 20, 3, 0, (0, 256))
    wanted = cv2.resize(pixels, (20, 131), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(mean_of_areas(pixels, 5), wanted)


def test_a_part_of_a_larger_picture_is_averaged_as_a_picture_of_its_own():
    part = pictures(400, 500, 3, 1, (0, 256))[35:335, 50:300]
    np.testing.assert_array_equal(mean_of_areas(part, 5), mean_of_areas(part.copy(), 5))


def test_the_mean_of_white_is_white_however_large_the_area():
    assert set(mean_of_areas(np.full((2 * MOST, 2 * MOST, 3), 255, np.uint8), MOST).ravel()) == {255}


@pytest.mark.parametrize(
    ("size", "to", "factor"),
    [
        ((1080, 1920), (216, 384), 5),
        ((1080, 1920), (270, 480), None),
        ((1080, 1920), (1080, 1920), None),
        ((1081, 1920), (216, 384), None),
        ((1080, 1152), (216, 384), None),
        ((MOST, MOST), (1, 1), MOST),
        ((MOST + 2, MOST + 2), (1, 1), None),
        ((50, 50), (60, 60), None),
    ],
)
def test_only_an_odd_whole_factor_of_both_sides_counts(size, to, factor):
    assert odd_factor(size, to) == factor


def test_a_frame_of_08_um_per_px_is_reduced_as_opencv_reduces_it():
    pixels = pictures(540, 960, 3, 2, (0, 256))
    np.testing.assert_array_equal(
        resample(pixels, (108, 192)), cv2.resize(pixels, (192, 108), interpolation=cv2.INTER_AREA)
    )
