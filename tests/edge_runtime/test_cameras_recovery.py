"""A live camera that fails in every way a field has, and comes back by itself; no test here waits for a clock."""

from __future__ import annotations

import collections
import random
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.cameras.controls import NoControls, Settings
from edge_runtime.cameras.faults import FaultyDevice
from edge_runtime.cameras.gaps import GapCounter
from edge_runtime.cameras.picture_check import PictureCheck
from edge_runtime.cameras.recovery import MOST_STUCK, RecoveringCamera
from edge_runtime.cameras.trouble import Backoff, Tolerance
from edge_runtime.errors import (
    EXIT_DEVICE_FAILED,
    BadInput,
    BadPicture,
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

MS = 1_000_000


def picture(seed: int, size: tuple[int, int] = (40, 60)) -> np.ndarray:
    return np.random.default_rng(seed).integers(60, 200, (*size, 3), np.uint8)


def frame(seed: int, **more: object) -> Frame:
    return Frame(picture(seed), 0.5, seed, f"camera#{seed}", **{"timestamp_ns": seed * 40 * MS, **more})  # type: ignore[arg-type]


class Pictures:
    """A camera that gives so many different pictures, and remembers what was asked of it."""

    def __init__(self, count: int = 10_000, first: int = 0) -> None:
        self.count, self.first, self.closed = count, first, 0
        self.controls = NoControls()

    def frames(self) -> Iterator[Frame]:
        return (frame(seed) for seed in range(self.first, self.first + self.count))

    def close(self) -> None:
        self.closed += 1


class NoClock:
    """Waits for calls without a clock, gives up on one that says it hangs, and writes the pauses down."""

    def __init__(self, hangs: threading.Event) -> None:
        self.hangs, self.pauses = hangs, []

    def wait(self, done: threading.Event, _: float) -> bool:
        while not done.wait(0.0005):
            if self.hangs.is_set():
                self.hangs.clear()
                return done.is_set()
        return True

    def pause(self, closing: threading.Event, seconds: float) -> bool:
        self.pauses.append(seconds)
        return closing.is_set()


def recovering(
    open_: Callable[[], object], hangs: threading.Event | None = None, **tolerance: object
) -> tuple[RecoveringCamera, NoClock]:
    clock = NoClock(hangs or threading.Event())
    tolerance = {"seed": 3, **tolerance}
    return RecoveringCamera(open_, "scope", Tolerance(**tolerance), clock.wait, clock.pause), clock  # type: ignore[arg-type]


def attendants() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("camera-")]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(attendants())
    yield
    for thread in set(attendants()) - before:
        thread.join(10)
    assert set(attendants()) <= before


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


def test_the_first_opening_fails_as_it_is() -> None:
    for error in (CameraBusy("held"), BadInput("no such option")):

        def open_(error: Exception = error) -> object:
            raise error

        with pytest.raises(type(error), match=str(error)):
            recovering(open_)
    assert CameraBusy.exit_code == EXIT_DEVICE_FAILED


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


def test_a_mistake_of_ours_in_a_driver_is_not_hidden() -> None:
    class Broken(Pictures):
        def frames(self) -> Iterator[Frame]:
            yield frame(0)
            raise KeyError("a bug")

    camera, _ = recovering(Broken)
    with pytest.raises(KeyError):
        list(camera.frames())
    camera.close()


# pictures


def checked(*pictures: np.ndarray, repeats: int = 1) -> list[str]:
    check, said = PictureCheck(repeats), []
    for pixels in pictures:
        try:
            check.check(Frame(pixels, 0.5, 0, "x"))
            said.append("good")
        except BadPicture as error:
            said.append(error.reason)
    return said


def test_each_kind_of_bad_picture_has_its_reason() -> None:
    cut = picture(1)
    cut[30:] = 128
    empty_yuv = np.full((40, 60, 3), (0, 135, 0), np.uint8)
    assert checked(picture(0), np.full((40, 60, 3), 16, np.uint8)) == ["good", "black_picture"]
    assert checked(picture(0), picture(0), picture(1)) == ["good", "frozen_picture", "good"]
    assert checked(picture(0), cut, empty_yuv) == ["good", "garbled_picture", "garbled_picture"]
    assert checked(picture(0)[..., 0], picture(0).astype(float), picture(0)[:0]) == ["garbled_picture"] * 3
    assert checked(picture(0), picture(1, (60, 40)), picture(2)) == ["good", "resized_picture", "good"]


def test_glare_a_dark_field_stop_and_a_still_view_with_noise_are_no_faults() -> None:
    glare = np.full((40, 60, 3), 255, np.uint8)
    stopped = picture(3)
    stopped[30:] = 2
    noisy = [np.clip(picture(5) + np.random.default_rng(n).integers(0, 2, (40, 60, 3)), 0, 255) for n in (1, 2)]
    assert checked(glare, glare, stopped, *(each.astype(np.uint8) for each in noisy)) == ["good"] * 5


def test_a_stream_may_repeat_a_picture_so_often() -> None:
    assert checked(*[picture(0)] * 4, repeats=3) == ["good"] * 3 + ["frozen_picture"]


@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_a_live_sensor_of_any_size_is_never_frozen(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pictures = [rng.integers(20, 250, (height + 5, width + 5, 3), np.uint8) for _ in range(2)]
    assert checked(*pictures) == ["good", "good"]


# gaps


@given(
    st.lists(st.integers(0, 4), min_size=40, max_size=120),
    st.integers(5, 400),
    st.integers(0, 2**32 - 1),
)
def test_dropped_frames_are_counted_from_gaps_whatever_the_jitter(
    missing: list[int], interval_ms: int, seed: int
) -> None:
    """While at least a third of the frames come on time, a jitter of 2 % of an interval changes nothing."""
    rng = random.Random(seed)
    missing = [0 if number % 3 == 0 or number < 8 else gap for number, gap in enumerate(missing)]
    counter, now, number, counted = GapCounter(), 0, 0, []
    for gap in missing:
        number += 1 + gap
        now = int(number * interval_ms * MS + rng.uniform(-0.02, 0.02) * interval_ms * MS)
        counted.append(counter.dropped_before(now))
    assert counted == missing


def test_the_cameras_own_interval_counts_from_the_first_gap_on() -> None:
    counter = GapCounter()
    assert [counter.dropped_before(at * MS, 40 * MS) for at in (0, 40, 160, 200)] == [0, 0, 2, 0]


def test_a_clock_that_starts_anew_or_is_missing_counts_nothing() -> None:
    counter = GapCounter()
    stamps = [0, 40, 80, 120, 160, 10, 50, None, 90, 5000]
    assert [counter.dropped_before(None if at is None else at * MS, 40 * MS) for at in stamps] == [0] * 9 + [122]
    counter.restart()
    assert counter.dropped_before(99_000 * MS, 40 * MS) == 0


def test_dropped_frames_travel_with_the_frame_after_them() -> None:
    class Gappy(Pictures):
        def frames(self) -> Iterator[Frame]:
            return (frame(seed) for seed in [*range(10), 13, 14])

    camera, _ = recovering(Gappy)
    assert [each.dropped for each in camera.frames()] == [0] * 10 + [3, 0]
    camera.close()


# back-off


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.5))
def test_waits_grow_to_the_cap_and_are_the_same_for_the_same_seed(seed: int, jitter: float) -> None:
    backoff = Backoff(0.5, 2.0, 15.0, jitter)
    waits, again = (backoff.waits(random.Random(seed)) for _ in range(2))
    found = [next(waits) for _ in range(12)]
    assert found == [next(again) for _ in range(12)]
    for number, seconds in enumerate(found):
        plain = min(15.0, 0.5 * 2**number)
        assert plain * (1 - jitter) - 1e-9 <= seconds <= min(15.0, plain * (1 + jitter)) + 1e-9


def test_a_camera_failed_is_an_oserror_with_exit_code_3() -> None:
    for error in (CameraLost, CameraBusy, CameraHung, BlackPicture):
        assert issubclass(error, CameraFailed) and issubclass(error, OSError) and error.exit_code == 3
