"""A blank field tells the lamp's falloff and colour, and where dirt sits; anything else in view is refused."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_runtime.calibrate.blank import measure_blank
from edge_runtime.calibrate.dirt import DirtMap, dirt_map
from edge_runtime.cameras.degrade import NoiseSheet, falloff_map
from edge_runtime.errors import BadInput
from edge_runtime.flat_field import GLASS_RGB, FlatField

SIZE = 300, 400


def lamp(level=0.9, loss=0.3, tint=(1.0, 0.97, 0.93), size=SIZE):
    return 255 * level * falloff_map(size, loss)[..., None] * np.asarray(tint, np.float32)


def picture(light, seed=0, noise=1.5):
    lit = np.clip(np.rint(light), 0, 255).astype(np.uint8)
    return NoiseSheet(lit.shape[:2], noise, seed).over(lit, 0)


def specks(size=SIZE, radius=5, number=6, depth=0.6):
    through = np.ones(size, np.float32)
    rng = np.random.default_rng(3)
    for _ in range(number):
        at = int(rng.integers(20, size[1] - 20)), int(rng.integers(20, size[0] - 20))
        cv2.circle(through, at, radius, 1 - depth, -1)
    return through


def test_a_field_comes_out_even_and_white():
    light = lamp()
    blank = measure_blank([picture(light, seed) for seed in range(4)], "")
    flat = blank.flat_field().apply(np.rint(light).astype(np.uint8))
    assert np.abs(flat.astype(float) - GLASS_RGB).max() <= 3
    assert np.abs(flat.astype(float).mean((0, 1)) - GLASS_RGB).max() < 0.7


@settings(max_examples=20)
@given(st.floats(0.0, 0.5), st.floats(0.5, 0.95), st.floats(0.8, 1.0), st.sampled_from([(120, 160), (300, 400)]))
def test_gains_may_follow_the_reduction(loss, level, blue, size):
    light = lamp(level, loss, (1.0, 1.0, blue), (600, 800))
    field = FlatField(cv2.resize(light, (32, 24), interpolation=cv2.INTER_AREA))
    tissue = cv2.GaussianBlur(np.random.default_rng(0).uniform(0.2, 1, (600, 800, 3)).astype(np.float32), (0, 0), 4)
    seen = np.rint(tissue * light).astype(np.uint8)
    after = field.apply(cv2.resize(seen, size[::-1], interpolation=cv2.INTER_AREA))
    before = cv2.resize(field.apply(seen), size[::-1], interpolation=cv2.INTER_AREA)
    assert np.abs(after.astype(int) - before).max() <= 3
    assert np.abs(after.astype(float) - before).mean() < 0.6


def test_a_flat_field_may_write_in_place():
    blank = measure_blank([picture(lamp())], "")
    frame = picture(lamp())
    expected = blank.flat_field().apply(frame)
    assert np.array_equal(blank.flat_field().apply(frame, frame), expected)
    assert np.array_equal(frame, expected)


def test_white_that_the_camera_clipped_stays_white():
    field = FlatField(np.full((24, 32, 3), 200.0))
    assert (field.apply(np.full((50, 60, 3), 255, np.uint8)) == 255).all()


def test_dirt_is_mapped_and_leaves_the_gains_alone():
    clean = measure_blank([picture(lamp())], "")
    dirty = measure_blank([picture(lamp() * specks()[..., None])], "")
    assert clean.dirt.specks == 0 and dirty.dirt.specks == 6
    assert dirty.dirt.share == pytest.approx(6 * np.pi * 5.3**2 / (300 * 400), rel=0.25)
    assert np.abs(np.asarray(dirty.shading) / np.asarray(clean.shading) - 1).max() < 0.01


def test_a_tile_under_dirt_knows_it():
    dirt = np.zeros((100, 200), bool)
    dirt[10:40, 60:90] = True
    found = dirt_map(dirt)
    tops, lefts = np.asarray([0, 50]), np.asarray([0, 50, 150])
    share = found.share_of(tops, lefts, 50, (100, 200))
    assert share[0, 1] == pytest.approx(30 * 30 / 50**2, rel=0.05)
    assert share[1].max() == 0 == share[0, 0]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 99))
def test_a_dirt_map_comes_back_as_it_was(rows, columns, seed):
    dirt = np.random.default_rng(seed).random((rows, columns)) < 0.3
    assert np.array_equal(dirt_map(dirt).mask(), dirt)


@pytest.mark.parametrize("packed", ["", "!", "AAAA", dirt_map(np.ones((3, 3), bool)).packed])
def test_a_dirt_map_of_another_size_is_refused(packed):
    with pytest.raises(ValueError, match="dirt map"):
        DirtMap(100, 100, packed, 0, 0.0)


def tissue(light):
    rng = np.random.default_rng(0)
    cells = cv2.GaussianBlur(rng.normal(0, 1, SIZE).astype(np.float32), (0, 0), 2)
    amount = np.clip(0.35 + 1.5 * cells, 0, 2)[..., None] * np.asarray([0.35, 1.0, 0.55], np.float32)
    return light * np.exp(-amount)


@pytest.mark.parametrize(
    ("light", "message"),
    [
        (lamp(1.1), "not clipped, found .* white"),
        (lamp(0.2), "level of at least 80"),
        (lamp(0.05), "level of at least 80"),
        (lamp(0.9, 0.95), "dimmest place has at least 30%"),
        (tissue(lamp()), "found something in view"),
        (lamp(tint=(1.0, 0.75, 0.9)), "a pink one"),
        (
            lamp() * np.where(np.arange(SIZE[1]) < 200, 1, 0.8).astype(np.float32)[None, :, None],
            "found something in view",
        ),
        (lamp() * specks(number=40, radius=12)[..., None], "found something in view"),
    ],
    ids=["clipped", "dim", "lamp off", "covered", "tissue", "tissue out of focus", "a cover slip's edge", "much dirt"],
)
def test_what_is_no_blank_field_is_refused(light, message):
    with pytest.raises(BadInput, match=message):
        measure_blank([picture(light)], "")


def test_grey_texture_is_not_blank():
    rough = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 1, SIZE).astype(np.float32), (0, 0), 1.5)
    with pytest.raises(BadInput, match="found something in view"):
        measure_blank([picture(lamp() * (1 + 0.25 * rough[..., None]))], "")


def test_a_source_without_frames_is_refused():
    with pytest.raises(BadInput, match="found none"):
        measure_blank([], "")


@pytest.mark.parametrize(
    ("frames", "word"),
    [
        ([lamp(0.5)], "brighter light"),
        ([lamp(0.98, tint=(1, 1, 1))], "little is left before it clips"),
        ([lamp(0.9, tint=(1, 0.9, 0.6))], "white balance"),
        ([lamp(0.9, 0.55)], "centre the lamp"),
        ([lamp() * specks(radius=9)[..., None]], "clean sensor"),
        ([lamp(0.9), lamp(0.8)], "flickers"),
    ],
)
def test_what_could_be_better_is_warned_of(frames, word):
    found = measure_blank([picture(light) for light in frames], "")
    assert any(word in warning for warning in found.warnings)


def test_a_good_lamp_needs_no_warning():
    assert measure_blank([picture(lamp(loss=0.2), seed) for seed in range(3)], "").warnings == ()
