"""What makes a picture bad does it by the amount that is asked for, and nothing else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.cameras.degrade import NoiseSheet, defocus, dirt_map, falloff_map, lit, smear, turned_hue
from edge_runtime.errors import BadInput

TISSUE = np.random.default_rng(1).integers(60, 200, (60, 80, 3), np.uint8)
FLAT = np.full((61, 81, 3), (200, 120, 160), np.uint8)


def point(size: int = 81) -> np.ndarray:
    pixels = np.zeros((size, size, 3), np.uint8)
    pixels[size // 2 - 1 : size // 2 + 2, size // 2 - 1 : size // 2 + 2] = 255
    return pixels


def spread(pixels: np.ndarray) -> tuple[float, float]:
    """Standard deviation of where the light lies, px: (x, y)."""
    light = pixels[..., 0].astype(float)
    y, x = np.indices(light.shape)
    mean_x, mean_y = (np.average(each, weights=light) for each in (x, y))
    return (
        float(np.sqrt(np.average((x - mean_x) ** 2, weights=light))),
        float(np.sqrt(np.average((y - mean_y) ** 2, weights=light))),
    )


@given(st.floats(1, 8), st.floats(0.4, 1.2))
def test_defocus_is_measured_in_um_on_the_slide(sigma_um: float, um_per_px: float) -> None:
    edge = np.zeros((9, 201, 3), np.uint8)
    edge[:, 100:] = 255
    slope = np.diff(defocus(edge, sigma_um, um_per_px)[4, :, 0].astype(float))
    places = np.arange(200)
    mean = np.average(places, weights=slope)
    assert np.sqrt(np.average((places - mean) ** 2, weights=slope)) == pytest.approx(sigma_um / um_per_px, rel=0.05)


def test_defocus_of_nothing_and_of_a_flat_field_changes_nothing() -> None:
    assert np.array_equal(defocus(TISSUE, 0, 0.5), TISSUE)
    assert np.array_equal(defocus(FLAT, 8, 0.5), FLAT)


@given(st.floats(0, 3))
def test_light_multiplies_and_white_is_the_end(level: float) -> None:
    expected = np.minimum(TISSUE * level, 255)
    assert np.abs(lit(TISSUE, level) - expected).max() <= 1
    for shape in (TISSUE.shape[:2], TISSUE.shape):
        assert np.abs(lit(TISSUE, np.full(shape, level, np.float32)) - expected).max() <= 1


def test_the_lamp_falls_off_from_the_middle_to_the_corners() -> None:
    light = falloff_map((61, 81), 0.4)
    assert light.max() == light[30, 40] == 1
    assert light[0, 0] == light[-1, -1] == pytest.approx(0.6)
    assert np.array_equal(light, light[::-1, ::-1])
    assert np.array_equal(falloff_map((5, 5), 0), np.ones((5, 5), np.float32))


def test_dirt_is_seeded_stays_within_0_to_1_and_is_not_everywhere() -> None:
    light = dirt_map((300, 400), 10, 3)
    assert np.array_equal(light, dirt_map((300, 400), 10, 3)) and not np.array_equal(light, dirt_map((300, 400), 10, 4))
    assert 0 <= light.min() < 0.75 and light.max() <= 1
    assert 0.0005 < (light < 0.9).mean() < 0.1
    assert np.array_equal(dirt_map((30, 40), 0), np.ones((30, 40), np.float32))


@given(st.floats(-360, 360))
def test_a_turned_hue_keeps_value_saturation_and_grey(degrees: float) -> None:
    turned = cv2.cvtColor(turned_hue(TISSUE, degrees).astype(np.float32), cv2.COLOR_RGB2HSV)
    before = cv2.cvtColor(TISSUE.astype(np.float32), cv2.COLOR_RGB2HSV)
    assert np.abs(turned[..., 2] - before[..., 2]).max() <= 1
    coloured = before[..., 1] > 0.3
    by = (turned - before)[..., 0][coloured] - degrees
    assert np.abs((by + 180) % 360 - 180).max() < 3
    assert np.array_equal(turned_hue(np.full_like(FLAT, 90), degrees), np.full_like(FLAT, 90))


@given(st.floats(2, 12), st.floats(0, 6.28))
def test_a_moving_stage_smears_along_its_way_alone(length: float, angle: float) -> None:
    dx, dy = length * np.cos(angle), length * np.sin(angle)
    sharp, smeared = point(), smear(point(), dx, dy)
    for before, after, way in zip(spread(sharp), spread(smeared), (dx, dy), strict=True):
        assert after**2 - before**2 == pytest.approx(way**2 / 12, abs=0.5), "variance of a line of that length"
    assert np.array_equal(smear(TISSUE, 0, 0), TISSUE)


def test_noise_is_as_strong_as_asked_seeded_and_another_for_each_frame() -> None:
    sheet = NoiseSheet(FLAT.shape[:2], 3.0, 1)
    assert (sheet.over(FLAT, 0).astype(int) - FLAT).std() == pytest.approx(3.0, rel=0.05)
    assert np.array_equal(sheet.over(FLAT, 0), NoiseSheet(FLAT.shape[:2], 3.0, 1).over(FLAT, 0))
    assert not np.array_equal(sheet.over(FLAT, 0), NoiseSheet(FLAT.shape[:2], 3.0, 2).over(FLAT, 0))
    assert not np.array_equal(sheet.over(FLAT, 0), sheet.over(FLAT, 1))


def test_nothing_is_changed_in_place() -> None:
    kept = TISSUE.copy()
    noisy = NoiseSheet(TISSUE.shape[:2], 3.0, 1).over(TISSUE, 0)
    for made in (defocus(TISSUE, 4, 1), smear(TISSUE, 3, 1), lit(TISSUE, 0.5), turned_hue(TISSUE, 30), noisy):
        assert made.shape == TISSUE.shape and made.dtype == np.uint8
    assert np.array_equal(kept, TISSUE)


def test_an_impossible_flaw_is_refused() -> None:
    for wrong in (
        lambda: defocus(TISSUE, -1, 1),
        lambda: lit(TISSUE, -1),
        lambda: lit(TISSUE, np.ones((3, 3), np.float32)),
        lambda: falloff_map((9, 9), 1.5),
        lambda: NoiseSheet((9, 9), -1, 0),
    ):
        with pytest.raises(BadInput, match="expected"):
            wrong()
