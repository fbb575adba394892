"""A live camera that fails in every way a field has, and comes back by itself; no test here waits for a clock."""

from __future__ import annotations

import collections
from collections.abc import Iterator

import numpy as np
import pytest

from edge_runtime.cameras.faults import FaultyDevice
from edge_runtime.cameras.reopening import MOST_STUCK
from edge_runtime.cameras.trouble import Backoff
from edge_runtime.errors import (
    BadInput,
    BlackPicture,
    CameraBusy,
    CameraFailed,
    CameraHung,
    CameraLost,
    FrozenPicture,
    GarbledPicture,
    ResizedPicture,
)
from edge_runtime.records import Frame, LostFrame
from tests.edge_runtime.fakes.failing import Pictures, attendants, frame, picture, recovering

pytestmark = pytest.mark.usefixtures("no_thread_is_left")


def test_a_thousand_faults_of_every_kind_are_reported_with_their_reason_and_mended() -> None:
    device = FaultyDevice(Pictures(), share=0.25, seed=11)
    camera, clock = recovering(device.open, device.hangs)
    got: list[Frame | LostFrame] = []
    most_threads = 0
    for each in camera.frames():
        got.append(each)
        most_threads = max(most_threads, len(attendants()))
        if len(device.injected) >= 1000 and isinstance(each, Frame):
            break
    camera.close()
    device.release()
    lost = [each for each in got if isinstance(each, LostFrame)]
    assert [each.reason for each in lost] == device.injected
    kinds = collections.Counter(device.injected)
    assert min(kinds.values()) > 25 and set(kinds) == {
        error.reason
        for error in (
            CameraLost, CameraBusy, CameraHung, BlackPicture, FrozenPicture, GarbledPicture, ResizedPicture,
        )
    }  # fmt: skip
    assert all(each.message for each in lost)
    frames = [each for each in got if isinstance(each, Frame)]
    assert [each.index for each in got] == list(range(len(got)))
    assert len({each.source for each in got}) == len(got)
    for number, each in enumerate(frames):  # a fault costs no frame but its own
        assert np.array_equal(each.pixels, picture(number))
    assert most_threads <= MOST_STUCK + 1
    assert clock.pauses and max(clock.pauses) <= Backoff().cap_s


def test_a_lost_camera_is_tried_again_and_each_vain_try_is_told() -> None:
    answers: list[object] = [
        Pictures(2), CameraLost("gone"), CameraBusy("held by another"), BadInput("other size"), Pictures(1, 5),
    ]  # fmt: skip

    class Unplugged(Pictures):
        def frames(self) -> Iterator[Frame]:
            yield from super().frames()
            raise CameraLost("unplugged")

    answers[0] = Unplugged(2)

    def open_() -> object:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    camera, clock = recovering(open_)
    told = [each.reason if isinstance(each, LostFrame) else "frame" for each in camera.frames()]
    assert told == ["frame", "frame", "camera_lost", "camera_lost", "camera_busy", "camera_lost", "frame"]
    assert len(clock.pauses) == 4
    camera.close()


def test_after_so_many_vain_tries_the_fault_ends_the_run() -> None:
    opened = iter([Pictures(1)])

    class Mortal(Pictures):
        def frames(self) -> Iterator[Frame]:
            yield frame(0)
            raise CameraLost("unplugged")

    def open_() -> object:
        if next(opened, None):
            return Mortal()
        raise CameraLost("still away")

    camera, clock = recovering(open_, tries=2)
    got = []
    with pytest.raises(CameraLost, match="still away"):
        got += list(camera.frames())
    assert len(clock.pauses) == 2
    camera.close()


def test_black_pictures_are_all_told_and_after_five_the_camera_is_opened_again() -> None:
    opened = []

    class Dark(Pictures):
        def frames(self) -> Iterator[Frame]:
            for number in range(7):
                yield (
                    frame(number, timestamp_ns=None)
                    if number == 6
                    else Frame(np.full((40, 60, 3), 7, np.uint8), 0.5, number, "dark")
                )

    def open_() -> Dark:
        opened.append(Dark())
        return opened[-1]

    camera, clock = recovering(open_)
    frames = camera.frames()
    assert [next(frames).reason for _ in range(7)] == ["black_picture"] * 7
    assert len(opened) == 2 and len(clock.pauses) == 1
    assert opened[0].closed == 1
    camera.close()


def test_a_camera_that_raises_over_a_bad_picture_is_opened_again_and_not_at_its_end() -> None:
    opened = []

    class Stumbling(Pictures):
        def frames(self) -> Iterator[Frame]:
            yield frame(len(opened))
            raise GarbledPicture("broken")

    def open_() -> Stumbling:
        opened.append(Stumbling())
        return opened[-1]

    camera, _ = recovering(open_)
    frames = camera.frames()
    assert [getattr(next(frames), "reason", "frame") for _ in range(4)] == ["frame", "garbled_picture"] * 2
    camera.close()


def test_a_picture_that_a_camera_could_not_decode_is_told_and_the_next_one_follows() -> None:
    class Damaged(Pictures):
        def frames(self) -> Iterator[Frame | LostFrame]:
            yield from [frame(0), LostFrame(1, "x", "unreadable", "no JPEG"), frame(2)]

    camera, clock = recovering(Damaged)
    got = list(camera.frames())
    assert [getattr(each, "reason", "frame") for each in got] == ["frame", "garbled_picture", "frame"]
    assert got[1].message == "no JPEG" and not clock.pauses
    camera.close()


def test_a_mistake_of_ours_in_a_driver_is_not_hidden() -> None:
    class Broken(Pictures):
        def frames(self) -> Iterator[Frame]:
            yield frame(0)
            raise KeyError("a bug")

    camera, _ = recovering(Broken)
    with pytest.raises(KeyError):
        list(camera.frames())
    camera.close()


def test_dropped_frames_travel_with_the_frame_after_them() -> None:
    class Gappy(Pictures):
        def frames(self) -> Iterator[Frame]:
            return (frame(seed) for seed in [*range(10), 13, 14])

    camera, _ = recovering(Gappy)
    assert [each.dropped for each in camera.frames()] == [0] * 10 + [3, 0]
    camera.close()


def test_a_camera_failed_is_an_oserror_with_exit_code_3() -> None:
    for error in (CameraLost, CameraBusy, CameraHung, BlackPicture):
        assert issubclass(error, CameraFailed) and issubclass(error, OSError) and error.exit_code == 3
