"""Which part of a sensor is shown, and at which sizes, so that both pictures have the scales they should have."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge_runtime.cameras.pi_geometry import covers, delivered_um_per_px, even, plan
from edge_runtime.cameras.stage import Box
from edge_runtime.errors import BadInput, CameraFailed

SENSORS = st.tuples(st.integers(100, 4000), st.integers(100, 6000))


@given(SENSORS, st.floats(0.1, 6), st.floats(0.2, 4), st.floats(0.1, 3))
def test_any_plan_fits_the_sensor_and_its_pictures_are_square(
    sensor: tuple[int, int], um_per_px: float, model: float, fine: float
) -> None:
    assume(min(sensor) * um_per_px / model >= 4)
    got = plan(sensor, um_per_px, model, fine)
    assert covers(Box(0, 0, sensor[1], sensor[0]), got.crop)
    for size in filter(None, (got.main, got.lores)):
        assert all(length % 2 == 0 and length > 0 for length in size)
        assert size[0] <= got.crop.height and size[1] <= got.crop.width, "an ISP does not enlarge"
        down, across = got.crop.height / size[0], got.crop.width / size[1]
        assert abs(down / across - 1) < 2 / min(size)  # a rounding of a pixel of the sensor
    centre = got.crop.x + got.crop.width / 2, got.crop.y + got.crop.height / 2
    assert abs(centre[0] - sensor[1] / 2) <= 1 and abs(centre[1] - sensor[0] / 2) <= 1


@given(SENSORS, st.floats(0.1, 2), st.floats(0.2, 3))
def test_the_coarse_picture_is_at_the_models_scale_and_the_fine_one_a_multiple_of_it(
    sensor: tuple[int, int], um_per_px: float, fine: float
) -> None:
    assume(min(sensor) * um_per_px >= 400)
    got = plan(sensor, um_per_px, 4.0, fine)
    assert got.lores is not None
    assert delivered_um_per_px(um_per_px, got.crop, got.lores) == pytest.approx(4.0, rel=0.01)
    if got.main[0] < got.crop.height // 2 * 2:
        assert got.main[0] % got.lores[0] == 0 and got.main[0] // got.lores[0] == got.main[1] // got.lores[1] >= 2
        assert delivered_um_per_px(um_per_px, got.crop, got.main) <= max(fine, 2 * um_per_px) * 1.01
    assert got.lores_asked == (2 * got.lores[0], 2 * got.lores[1]), "one colour for each pixel of it"
    assert got.lores_asked[0] <= got.main[0] and got.lores_asked[1] <= got.main[1], "no ISP enlarges"
    lost = [whole - used for whole, used in zip(sensor, (got.crop.height, got.crop.width), strict=True)]
    assert max(lost) <= 2 * 4.0 / um_per_px + 1, "less than two pixels of the coarse picture are left unseen"


def test_a_high_quality_camera_behind_a_4x_objective() -> None:
    got = plan((3040, 4056), 0.39, 4.0)
    assert (got.lores, got.main) == ((296, 394), (1480, 1970))
    assert got.crop == Box(7, 2, 4041, 3036)
    assert delivered_um_per_px(0.39, got.crop, got.main) == pytest.approx(0.8, rel=1e-3)


def test_without_a_models_scale_there_is_one_picture_and_a_coarse_sensor_is_used_as_it_is() -> None:
    got = plan((1000, 1400), 0.4, None)
    assert (got.main, got.lores) == ((500, 700), None)
    for um_per_px in (5.0, 2.5):
        got = plan((1000, 1401), um_per_px, 4.0)
        assert got.lores is None and got.main[0] <= 1000 and got.main[1] <= 1400


def test_a_crop_is_the_middle_of_the_sensor() -> None:
    got = plan((3040, 4056), 0.39, 4.0, crop=(1520, 2028))
    assert got.lores == (148, 196) and got.crop.width <= 2028 and got.crop.height <= 1520
    with pytest.raises(BadInput, match="a view of several px"):
        plan((3040, 4056), 0.39, 4.0, crop=(8, 8))


def test_a_distorted_picture_has_no_scale() -> None:
    with pytest.raises(CameraFailed, match="expected square pixels"):
        delivered_um_per_px(0.4, Box(0, 0, 400, 300), (300, 300))


@given(st.floats(0, 10_000))
def test_even_is_the_largest_even_number_within(length: float) -> None:
    assert even(length) % 2 == 0 and length - 2 < even(length) <= length + 1e-6
