"""A stage micrometer's picture becomes a scale, or a sentence that says why not; never a wrong scale."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_runtime.calibrate.micrometer import mean_green, measure_micrometer
from edge_runtime.calibrate.ruling_picture import draw_rulings
from edge_runtime.errors import BadInput
from edge_runtime.procedural.micrometer import Micrometer

SIZE = 480, 640


def green(picture):
    return picture[..., 1].astype(np.float32)


@settings(max_examples=15)
@given(
    um_per_px=st.floats(0.3, 1.2),
    angle=st.floats(-90, 90),
    specks=st.integers(0, 20),
    noise=st.floats(0, 4),
    bright=st.booleans(),
    seed=st.integers(0, 99),
)
def test_the_scale_is_right_at_any_turn_with_dirt_noise_and_uneven_light(um_per_px, angle, specks, noise, bright, seed):
    drawn = Micrometer(um_per_px, angle=angle, specks=specks, noise=noise, bright=bright, contrast=0.6)
    found = measure_micrometer(green(drawn.draw(SIZE, seed)), 10)
    assert abs(found.um_per_px / um_per_px - 1) < 0.005
    assert found.lines >= 10


@pytest.mark.parametrize(("pitch_um", "um_per_px"), [(10, 0.5), (50, 1.3), (100, 1.0), (100, 1.5)])
def test_any_pitch_will_do(pitch_um, um_per_px):
    drawn = Micrometer(um_per_px, pitch_um=pitch_um, angle=12, length_um=1.5 * pitch_um, divisions=20)
    assert measure_micrometer(green(drawn.draw(SIZE)), pitch_um).um_per_px == pytest.approx(um_per_px, rel=0.003)


def test_lines_wider_than_many_pixels_are_lines():
    drawn = Micrometer(0.5, pitch_um=40, line_um=8, length_um=160, divisions=10)
    assert measure_micrometer(green(drawn.draw(SIZE)), 40).um_per_px == pytest.approx(0.5, rel=0.005)


def test_the_uncertainty_grows_with_a_lens_that_bends():
    straight = measure_micrometer(green(Micrometer(1.6).draw(SIZE)), 10)
    bent = measure_micrometer(green(Micrometer(1.6, distortion=0.02).draw(SIZE)), 10)
    assert straight.uncertainty < 0.001 < bent.uncertainty
    assert abs(bent.um_per_px - 1.6) < 3 * bent.uncertainty


def test_the_longer_lines_are_counted():
    assert measure_micrometer(green(Micrometer(0.9).draw(SIZE)), 10).longer_every in (5, 10)


def test_a_coarse_graduation_beside_the_fine_one_does_not_mislead():
    fine = Micrometer(0.8, length_um=40, centre_um=(0, -80), divisions=40).draw(SIZE)
    coarse = Micrometer(0.8, pitch_um=100, line_um=2, length_um=40, centre_um=(0, 80), divisions=4).draw(SIZE)
    assert measure_micrometer(green(np.minimum(fine, coarse)), 10).um_per_px == pytest.approx(0.8, rel=0.003)


def tissue_like(seed):
    noise = np.random.default_rng(seed).normal(0, 1, (*SIZE, 3)).astype(np.float32)
    return np.clip(170 + 250 * cv2.GaussianBlur(noise, (0, 0), 3), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    "picture",
    [
        np.full((*SIZE, 3), 230, np.uint8),
        np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8),
        tissue_like(1),
        Micrometer(0.5, blur_px=12).draw(SIZE),
        Micrometer(0.5, contrast=0.0, specks=30).draw(SIZE),
    ],
    ids=["glass", "noise", "tissue", "far out of focus", "dirt alone"],
)
def test_what_shows_no_lines_is_refused(picture):
    with pytest.raises(BadInput, match=r"expected the lines of a stage micrometer, found .*; show the lines sharp"):
        measure_micrometer(green(picture), 10)


def test_faint_lines_between_strong_ones_make_it_ambiguous():
    even = {"vignette": 0, "noise": 0.3}
    fine = Micrometer(0.5, contrast=0.036, divisions=30, length_um=150, **even).draw(SIZE)
    strong = Micrometer(0.5, 30, line_um=2, contrast=0.3, divisions=10, length_um=75, **even).draw(SIZE)
    with pytest.raises(BadInput, match="10 µm could be either"):
        measure_micrometer(green(np.minimum(fine, strong)), 10)


def test_where_only_the_longer_lines_reach_into_view_it_is_ambiguous():
    drawn = Micrometer(1.0, centre_um=(0, SIZE[0] / 2 + 60))
    with pytest.raises(BadInput, match="shorter lines may lie outside"):
        measure_micrometer(green(drawn.draw(SIZE)), 10)


def test_lines_too_close_to_tell_apart_are_refused():
    with pytest.raises(BadInput, match="expected the lines of a stage micrometer"):
        measure_micrometer(green(Micrometer(3.2, blur_px=0.3).draw(SIZE)), 10)


@pytest.mark.parametrize("pitch_um", [0, -10, 1e9, float("nan")])
def test_an_impossible_pitch_is_refused(pitch_um):
    with pytest.raises(BadInput, match="expected a micrometer's pitch"):
        measure_micrometer(green(Micrometer(1.0).draw(SIZE)), pitch_um)


def test_frames_are_averaged():
    frames = [Micrometer(1.0, noise=6).draw(SIZE, seed) for seed in range(4)]
    clean = green(Micrometer(1.0, noise=0).draw(SIZE))
    assert np.abs(mean_green(frames) - clean).mean() < 0.6 * np.abs(green(frames[0]) - clean).mean()


def test_a_stage_that_moves_while_frames_are_averaged_is_noticed():
    frames = [Micrometer(0.4, centre_um=(step, step)).draw(SIZE) for step in (0, 30, 60)]
    with pytest.raises(BadInput, match="a view that stands still"):
        mean_green(frames)


def test_the_picture_shows_the_lines_where_they_are():
    grey = green(Micrometer(1.0, angle=20, vignette=0).draw(SIZE))
    drawn = draw_rulings(grey, measure_micrometer(grey, 10))
    marked = (drawn[..., 1].astype(int) - drawn[..., 2] > 60)[:420]
    dark = cv2.dilate((grey < 190).astype(np.uint8), np.ones((5, 5)))[:420] > 0
    assert marked.sum() > 1000
    assert dark[marked].mean() > 0.9
