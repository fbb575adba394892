"""Views on their way to those who watch: what is made, when, and what is held."""

from __future__ import annotations

import gc
import threading
import weakref

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.live import hub as hub_module
from edge_runtime.live.feeling import Feeling
from edge_runtime.live.hub import Hub
from edge_runtime.live.instrument import NotThere
from edge_runtime.live.preview import MOST_BYTES, WIDEST_PX, Encoder, small
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult

from .fakes.sessions import frame_and_result

PATIENCE_S = 30


class Told:
    """Somebody who watches."""

    def __init__(self) -> None:
        self._bell = threading.Semaphore(0)

    def __call__(self) -> None:
        self._bell.release()

    def wait(self) -> None:
        assert self._bell.acquire(timeout=PATIENCE_S)


@pytest.fixture
def hub():
    with Hub(Feeling()) as found:
        yield found


def test_while_nobody_watches_no_frame_is_held_and_the_first_to_come_sees_the_field(hub):
    hub.is_live = True
    frame, result = frame_and_result(0)
    held = weakref.ref(frame)
    hub.take(frame, result)
    del frame
    gc.collect()
    assert held() is None
    view = hub.newest()
    assert (view.state.frame, view.state.width, view.state.height) == (0, 15, 10)
    assert cv2.imdecode(np.frombuffer(hub.picture(view.state.number), np.uint8), 1).shape == (10, 15, 3)


def test_who_watches_is_told_of_each_view_whose_picture_is_the_cameras_own(hub):
    told = Told()
    end = hub.listen(told)
    for n in range(3):
        hub.take(*frame_and_result(n))
        told.wait()
        assert (hub.newest().state.frame, hub.newest().state.width) == (n, 30)
    end()
    hub.take(*frame_and_result(3))
    assert hub.newest().state.width == 15, "nobody watches: it is the field again"


def test_the_last_frame_of_a_source_that_waits_is_shown_however_fast_it_came_after_the_one_before(hub):
    told = Told()
    hub.listen(told)
    for n in range(20):
        hub.take(*frame_and_result(n))
    while hub.newest() is None or hub.newest().state.frame != 19:
        told.wait()
    assert hub.newest().state.number < 19, "most of those before were passed over"


def test_of_a_live_source_no_frame_is_held_between_two_views(hub):
    hub.is_live = True
    told = Told()
    hub.listen(told)
    hub.take(*frame_and_result(0))
    told.wait()
    hub._due = float("inf")
    frame, result = frame_and_result(1)
    held = weakref.ref(frame)
    hub.take(frame, result)
    del frame
    gc.collect()
    assert held() is None


def test_pictures_come_less_often_the_more_are_asked_for_but_never_stop(hub):
    hub.take(*frame_and_result(0))
    number = hub.newest().state.number
    for asked, gap_s in ((1, 0.2), (4, 0.2), (20, 1.0), (500, 2.0)):
        for _ in range(asked):
            hub.picture(number)
        assert hub._gap_s() == pytest.approx(gap_s)


def test_the_newest_few_pictures_are_held(hub):
    for n in range(hub_module.HELD + 2):
        hub.take(*frame_and_result(n))
        assert hub.newest().state.number == n
    with pytest.raises(NotThere):
        hub.picture(1)
    assert hub.picture(2)


def test_a_frame_of_which_nothing_can_be_shown_leaves_the_view_before(hub):
    hub.is_live = True
    hub.take(*frame_and_result(0))
    before = hub.newest()
    frame, result = frame_and_result(1, repeats=0)
    hub.take(frame, result)
    assert hub.newest() is before


def test_a_picture_that_cannot_be_made_ends_nothing(hub, monkeypatch, caplog):
    told = Told()
    hub.listen(told)
    hub.take(Frame(np.zeros((0, 0, 3), np.uint8), 1.0, 0, "none"), FrameResult(0, "none", "a", "b", reason="bad_scale"))
    monkeypatch.setattr(hub, "_due", 0.0)
    hub.take(*frame_and_result(1))
    told.wait()
    assert hub.newest().state.frame == 1


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_a_picture_is_halved_until_it_fits(height, width):
    pixels = np.zeros((height, width, 1), np.uint8).repeat(3, 2) if height * width < 1e5 else np.zeros((8, 8, 3), "u1")
    found = small(pixels)
    assert max(found.shape[:2]) <= WIDEST_PX and (found is pixels) == (max(pixels.shape[:2]) <= WIDEST_PX)


def test_a_large_picture_is_reduced_as_the_mean_of_its_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (1000, 1400, 3), np.uint8)
    found = small(pixels)
    expected = pixels.reshape(500, 2, 700, 2, 3).mean((1, 3))
    assert found.shape == (500, 700, 3) and np.abs(found - expected).max() <= 0.5


def test_pictures_that_come_out_large_are_made_worse_and_small_ones_better():
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    encoder = Encoder()
    sizes = [len(encoder.encode(noise)) for _ in range(12)]
    assert sizes[-1] < sizes[0] and encoder.quality == 35
    flat = np.full_like(noise, 200)
    for _ in range(12):
        assert len(encoder.encode(flat)) < MOST_BYTES
    assert encoder.quality == 80
