"""A camera that hangs is left behind, one that comes back is set as before; no test here waits for a clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from edge_runtime.cameras.controls import Settings
from edge_runtime.cameras.reopening import MOST_STUCK
from edge_runtime.errors import BadInput, CameraBusy, CameraHung, CameraLost
from edge_runtime.records import Frame, LostFrame
from tests.edge_runtime.fakes.failing import Pictures, attendants, frame, recovering

pytestmark = pytest.mark.usefixtures("no_thread_is_left")


def test_the_first_opening_fails_as_it_is() -> None:
    for error in (CameraBusy("held"), BadInput("no such option")):

        def open_(error: Exception = error) -> object:
            raise error

        with pytest.raises(type(error), match=str(error)):
            recovering(open_)


def test_a_driver_that_swallows_thread_after_thread_ends_the_run() -> None:
    released, hangs = threading.Event(), threading.Event()

    class Hanging(Pictures):
        def frames(self) -> Iterator[Frame]:
            hangs.set()
            released.wait()
            yield frame(0)

    camera, _ = recovering(Hanging, hangs)
    frames = camera.frames()
    assert [next(frames).reason for _ in range(MOST_STUCK + 1)] == ["camera_hung"] * (MOST_STUCK + 1)
    with pytest.raises(CameraHung, match="restart the program"):
        next(frames)
    released.set()
    camera.close()


def test_a_camera_that_says_itself_that_it_hangs_is_closed_before_it_is_opened_again() -> None:
    class SaysSo(Pictures):
        def frames(self) -> Iterator[Frame]:
            raise CameraHung("no frame within 5 s")
            yield frame(0)

        def close(self) -> None:
            opened_again.wait(0.05)  # whoever does not wait for this to end comes in between
            super().close()

    first, closed_by_then, opened_again = SaysSo(), [], threading.Event()

    def open_() -> Pictures:
        closed_by_then.append(first.closed)
        if len(closed_by_then) > 1:
            opened_again.set()
        return first if len(closed_by_then) == 1 else Pictures(1)

    camera, _ = recovering(open_)
    frames = camera.frames()
    assert [getattr(next(frames), "reason", "frame") for _ in range(2)] == ["camera_hung", "frame"]
    assert closed_by_then == [0, 1]
    camera.close()


def test_a_camera_left_behind_is_closed_once_its_driver_comes_back() -> None:
    released, hangs = threading.Event(), threading.Event()
    stuck = Pictures()

    class Hanging(Pictures):
        def frames(self) -> Iterator[Frame]:
            hangs.set()
            released.wait()
            yield frame(0)

        def close(self) -> None:
            stuck.close()

    cameras = iter([Hanging(), Pictures(1)])
    camera, _ = recovering(lambda: next(cameras), hangs)
    frames = camera.frames()
    assert next(frames).reason == "camera_hung"
    assert isinstance(next(frames), Frame) and stuck.closed == 0
    released.set()
    for thread in attendants()[:1]:
        thread.join(10)
    camera.close()
    assert stuck.closed == 1


def test_what_was_set_or_locked_is_set_again_on_the_camera_that_comes_back() -> None:
    class Panel:
        def __init__(self) -> None:
            self.asked: list[object] = []
            self.settings = Settings(exposure_us=1000.0, gain=1.0)

        def read(self) -> Settings:
            return self.settings

        def set(self, wanted: Settings) -> Settings:
            self.asked.append(wanted)
            self.settings = self.settings.changed_by(wanted)
            return self.settings

        def lock(self) -> Settings:
            self.asked.append("lock")
            return self.settings.changed_by(Settings(locked=True))

    class Lasting(Pictures):
        def __init__(self, first: int) -> None:
            super().__init__(1, first)
            self.controls = Panel()

        def frames(self) -> Iterator[Frame]:
            yield from super().frames()
            raise CameraLost("unplugged")

    def open_() -> Lasting:
        if not cameras:
            raise CameraLost("away")
        return cameras.pop(0)

    first, second = Lasting(0), Lasting(1)
    cameras = [first, second]
    camera, _ = recovering(open_)
    assert camera.controls.read() == Settings(exposure_us=1000.0, gain=1.0)
    camera.controls.set(Settings(exposure_us=500.0))
    camera.controls.set(Settings(red_blue=(2.0, 1.5)))
    locked = camera.controls.lock()
    frames = camera.frames()
    assert [type(next(frames)) for _ in range(2)] == [Frame, LostFrame]
    assert isinstance(next(frames), Frame)
    assert second.controls.asked == [locked, "lock"]
    assert locked == Settings(exposure_us=500.0, gain=1.0, red_blue=(2.0, 1.5), locked=True)
    assert [next(frames).reason for _ in range(2)] == ["camera_lost"] * 2  # no third camera comes
    with pytest.raises(CameraLost, match="takes its settings when it is back"):
        camera.controls.read()
    camera.close()


def test_closing_from_another_thread_ends_the_frames() -> None:
    camera, _ = recovering(lambda: Pictures())
    frames = camera.frames()
    assert isinstance(next(frames), Frame)
    closer = threading.Thread(target=camera.close)
    closer.start()
    closer.join()
    assert next(frames, None) is None
    camera.close()
