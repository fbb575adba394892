import threading

import numpy as np
import pytest

from edge_runtime.capture import Capture
from edge_runtime.errors import CameraLost
from edge_runtime.records import Frame, LostFrame
from edge_runtime.stopping import Stop
from edge_runtime.waiting import OLD_BUFFERS

PIXELS = np.zeros((2, 2, 3), np.uint8)


def frame(index, dropped=0):
    return Frame(PIXELS, 1.0, index, f"test#{index}", dropped=dropped)


def lost(index):
    return LostFrame(index, f"test#{index}", "camera_lost", "it is unplugged")


class Script:
    """A camera that gives what it is told; once the list is at its end it waits, until more comes or it is closed."""

    def __init__(self, *given, live=False, ends=True):
        self.live = live
        self.threads = set()
        self.used_up = threading.Event()
        self._more = threading.Event()
        self._given = list(given)
        self._ends = ends

    def frames(self):
        while True:
            self.threads.add(threading.current_thread())
            while self._given:
                one = self._given.pop(0)
                if isinstance(one, BaseException):
                    raise one
                yield one
            if self._ends:
                return
            self.used_up.set()
            self._more.wait()
            self._more.clear()

    def give(self, *more):
        self.used_up.clear()
        self._given += more
        self._more.set()

    def close(self):
        self._ends = True
        self._more.set()


def indices(capture):
    return [taken.frame.index for taken in capture]


def test_frames_are_taken_in_another_thread_which_ends_with_the_capture():
    camera = Script(frame(0))
    with Capture(camera, Stop()) as capture:
        assert indices(capture) == [0]
    (thread,) = camera.threads
    assert thread is not threading.main_thread() and not thread.is_alive()


@pytest.mark.parametrize("ahead", [1, 3])
def test_a_source_that_can_wait_loses_no_frame(ahead):
    camera = Script(*(frame(n) for n in range(50)))
    with Capture(camera, Stop(), ahead) as capture:
        taken = list(capture)
    assert [one.frame.index for one in taken] == list(range(50))
    assert all(one.dropped.by_queue == 0 for one in taken)


def test_no_more_frames_are_taken_ahead_than_may_wait():
    camera = Script(*(frame(n) for n in range(50)))
    with Capture(camera, Stop(), 2) as capture:
        next(iter(capture))
    assert len(camera._given) >= 50 - 3  # the first, and two that wait


def test_a_live_camera_leaves_the_oldest_out_and_counts_it():
    camera = Script(*(frame(n) for n in range(6)), live=True, ends=False)
    with Capture(camera, Stop(), 2) as capture:
        camera.used_up.wait()
        frames = iter(capture)
        first, second = next(frames), next(frames)
    assert (first.frame.index, first.dropped.by_queue) == (4, 4)
    assert (second.frame.index, second.dropped.by_queue) == (5, 0)


def test_a_lost_frame_is_a_report_and_never_left_out():
    camera = Script(frame(0), lost(1), frame(2), lost(3), frame(4), live=True, ends=False)
    with Capture(camera, Stop()) as capture:
        camera.used_up.wait()
        frames = iter(capture)
        taken = [next(frames) for _ in range(3)]
    assert [(one.frame.index, one.dropped.by_queue) for one in taken] == [(1, 1), (3, 1), (4, 0)]


def test_what_the_camera_dropped_before_a_frame_that_is_left_out_is_counted_with_the_next():
    camera = Script(frame(0, dropped=2), frame(1, dropped=3), frame(2, dropped=1), live=True, ends=False)
    with Capture(camera, Stop()) as capture:
        camera.used_up.wait()
        dropped = next(iter(capture)).dropped
    assert (dropped.by_camera, dropped.by_queue) == (6, 2)


def test_what_ends_the_thread_is_raised_here_after_the_frames_that_came_before():
    seen = []
    with Capture(Script(frame(0), frame(1), CameraLost("gone")), Stop()) as capture, pytest.raises(CameraLost):
        seen.extend(taken.frame.index for taken in capture)
    assert seen == [0, 1]


def test_closing_ends_a_camera_that_waits_for_the_world():
    camera = Script(ends=False)
    with Capture(camera, Stop()):
        camera.used_up.wait()
    (thread,) = camera.threads
    assert not thread.is_alive()


def test_closing_ends_a_thread_that_waits_for_room():
    camera = Script(*(frame(n) for n in range(9)))
    with Capture(camera, Stop()):
        pass
    assert all(not thread.is_alive() for thread in camera.threads)


def test_asking_to_stop_ends_the_wait_for_a_frame():
    stop, camera = Stop(), Script(ends=False)
    with Capture(camera, stop) as capture:
        asking = threading.Thread(target=lambda: (camera.used_up.wait(), stop.ask()))
        asking.start()
        assert indices(capture) == []
        asking.join()


def test_after_a_rest_a_live_camera_gives_what_is_newer_than_the_rest():
    camera = Script(frame(0), live=True, ends=False)
    with Capture(camera, Stop()) as capture:
        camera.used_up.wait()
        capture.rest(0)
        camera.give(*(frame(n) for n in range(1, OLD_BUFFERS + 2)))
        taken = next(iter(capture))
    assert (taken.frame.index, taken.dropped.by_queue) == (OLD_BUFFERS + 1, OLD_BUFFERS + 1)


def test_after_a_rest_a_file_goes_on_where_it_was():
    with Capture(Script(frame(0), frame(1), frame(2)), Stop()) as capture:
        capture.rest(0)
        assert indices(capture) == [0, 1, 2]


def test_a_rest_ends_when_one_asks_to_stop():
    stop = Stop()
    with Capture(Script(ends=False, live=True), stop) as capture:
        stop.ask()
        capture.rest(3600)


def test_each_frame_tells_how_long_the_camera_took_and_when_it_was_there():
    times = iter([1.0, 1.25, 9.0, 9.0])
    with Capture(Script(frame(0)), Stop(), clock=lambda: next(times)) as capture:
        (taken,) = capture
    assert (taken.capture_ms, taken.at_s) == (250.0, 1.25)
