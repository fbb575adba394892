import dataclasses

import cv2
import numpy as np
import pytest

from edge_runtime.gates import MOVING, Gatekeeper, motion_between, small_grey
from edge_runtime.optics import to_field
from edge_runtime.procedural import make_slide
from edge_runtime.records import Frame
from edge_runtime.tiling import cut
from tests.edge_runtime.fakes.gated import ALL, MOTION

S = 10**9


@pytest.fixture(scope="module")
def slide():
    return make_slide(seed=5, size=(700, 900)).rgb


def view(slide, x=200, y=200):
    return slide[y : y + 200, x : x + 350]


def greys(slide, dx, dy=0):
    return [small_grey(view(slide, 200 + at * dx, 200 + at * dy), 4.0) for at in (0, 1)]


def test_a_small_grey_picture_is_at_16_um_per_px(slide):
    assert small_grey(view(slide), 4.0).shape == (50, 88)


@pytest.mark.parametrize(("dx", "dy"), [(10, 0), (0, -12), (-20, 8)])
def test_the_shift_between_two_frames_is_found(slide, dx, dy):
    found = motion_between(*greys(slide, dx, dy), 0.03, MOTION, 0.03)
    assert found.shift_um == pytest.approx((-4 * dx, -4 * dy), abs=4)  # tissue goes where the stage does not
    assert found.reason == MOVING and found.per_interval_um == pytest.approx(4 * np.hypot(dx, dy), rel=0.1)


def test_a_view_that_stands_still_does_not_move_even_under_noise(slide):
    one, _ = greys(slide, 0)
    noisy = cv2.add(view(slide), np.random.default_rng(0).normal(0, 4, (200, 350, 3)), dtype=cv2.CV_8U)
    found = motion_between(one, small_grey(noisy, 4.0), 0.03, MOTION, 0.03)
    assert found.reason is None and found.per_interval_um < 2


def test_what_counts_is_the_way_within_one_interval_of_the_sensor(slide):
    pair = greys(slide, 10)
    assert motion_between(*pair, 0.4, MOTION, 0.1).reason == MOVING  # 40 µm in four intervals: 10 in one
    assert motion_between(*pair, 0.4, MOTION, 0.05).reason is None
    assert motion_between(*pair, 0.4, MOTION, None).reason is None  # at 30 frames a second: 3.3


def test_of_two_views_without_overlap_nothing_is_said(slide):
    found = motion_between(
        small_grey(view(slide, 0, 0), 4.0), small_grey(view(slide, 500, 400), 4.0), 0.03, MOTION, 0.03
    )
    assert found.reason is None


def test_a_light_that_changes_does_not_move(slide):
    one, _ = greys(slide, 0)
    assert motion_between(one, (one * 0.8).astype(np.uint8), 0.03, MOTION, 0.03).reason is None


def frames(slide, steps, seconds, **more):
    keeper = Gatekeeper(ALL)
    for n, x in enumerate(np.cumsum([200, *steps])):
        frame = Frame(view(slide, x), 4.0, n, "test", timestamp_ns=int(n * seconds * S), **more)
        field = to_field(frame, 4.0, 50)
        yield keeper.look_at(frame, field, cut(field.pixels, field.lefts, field.tops, 50))


def test_every_tile_of_a_moving_frame_is_refused_and_says_how_fast_it_moved(slide):
    first, second, third = frames(slide, [10, 0], 0.03)
    assert MOVING not in first.reasons and MOVING not in third.reasons
    assert set(second.reasons) == {MOVING} and set(second.measures) == {"shift_um"}
    assert second.values == pytest.approx(np.full(len(second.values), 40), abs=4)


def test_a_stage_that_stops_at_each_field_takes_sharp_frames_and_is_not_moving(slide):
    keeper, large = Gatekeeper(ALL), []
    for n, x in enumerate((200, 230, 260)):
        pixels = cv2.resize(view(slide, x), None, fx=5, fy=5, interpolation=cv2.INTER_CUBIC)
        large.append(Frame(pixels, 0.8, n, "test", timestamp_ns=int(n * 0.1 * S)))
    smeared = dataclasses.replace(large[2], pixels=cv2.blur(large[2].pixels, (50, 1)))
    for frame, moving in ((large[0], False), (large[1], False), (smeared, True)):
        field = to_field(frame, 4.0, 50)
        found = keeper.look_at(frame, field, cut(field.pixels, field.lefts, field.tops, 50))
        assert (MOVING in found.reasons) == moving


def test_frames_far_apart_in_time_are_not_compared(slide):
    assert all(MOVING not in found.reasons for found in frames(slide, [10, 10], 1.0))


def test_pictures_have_no_clock_and_never_move(slide):
    keeper = Gatekeeper(ALL)
    for x in (200, 210):
        frame = Frame(view(slide, x), 4.0, 0, "test")
        field = to_field(frame, 4.0, 50)
        assert MOVING not in keeper.look_at(frame, field, cut(field.pixels, field.lefts, field.tops, 50)).reasons
