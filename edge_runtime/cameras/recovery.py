"""A live camera that comes back by itself: every fault is a LostFrame with its reason, then the camera is reopened.

One wrapper for all of them: what a camera must do is raise CameraFailed, or hang, or give what no sensor gives.
"""

from __future__ import annotations

import dataclasses
import itertools
import logging
import random
import threading
from collections.abc import Callable, Iterator

from edge_runtime.cameras import Camera
from edge_runtime.cameras.attendant import Attendant, Wait, wait
from edge_runtime.cameras.controls import Controls, Settings
from edge_runtime.cameras.gaps import GapCounter
from edge_runtime.cameras.picture_check import PictureCheck
from edge_runtime.cameras.trouble import Fault, GivenUp, Tolerance, Trouble
from edge_runtime.errors import (
    BadInput,
    BadPicture,
    CameraFailed,
    CameraHung,
    CameraLost,
    GarbledPicture,
    ResizedPicture,
)
from edge_runtime.records import Frame, LostFrame

log = logging.getLogger(__name__)

MOST_STUCK = 3
"""So many threads may wait in a driver that never comes back; with one more, only a restart of the program helps."""


class RecoveringCamera:
    """A Camera around whatever opens one; its frames end only where the source does, or when it is closed."""

    live: bool = True
    one_stage: bool = True

    def __init__(
        self,
        open_: Callable[[], Camera],
        name: str,
        tolerance: Tolerance | None = None,
        wait: Wait = wait,
        pause: Wait = wait,
    ) -> None:
        """Open the camera, whose errors this first time are the caller's; `name` is what a person would call it.

        `wait` waits for a call to come back, `pause` between two tries; a test gives its own, which know no clock.
        """
        self._open = open_
        self._name = name
        self._tolerance = tolerance or Tolerance()
        self._wait = wait
        self._pause = pause
        self._closing = threading.Event()
        self._check = PictureCheck(self._tolerance.repeats)
        self._gaps = GapCounter()
        self._rng = random.Random(self._tolerance.seed)
        self._stuck: list[Attendant] = []
        self._kept = Settings()
        self._attendant: Attendant | None = self._opened()

    @property
    def controls(self) -> Controls:
        """Its camera's controls; what was set or locked is set again each time the camera is reopened."""
        return _KeptControls(self._ask, self._keep)

    def frames(self) -> Iterator[Frame | LostFrame]:
        """Yield frames, numbered through, and a LostFrame for each fault and for each vain try to mend it."""
        trouble = Trouble(self._tolerance, self._rng)
        for index in itertools.count():
            got = self._next(index)
            if got is None or self._closing.is_set():
                return
            if isinstance(got, Frame):
                if trouble.count:
                    log.info("%s: works again, after %d lost frames", self._name, trouble.count)
                    trouble = Trouble(self._tolerance, self._rng)
                yield got
                continue
            reopens = trouble.add(got)
            yield LostFrame(index, f"{self._name}#{index}", got.error.reason, str(got.error))
            if reopens:
                self._part(got.error)
                self._pause(self._closing, trouble.next_wait())

    def close(self) -> None:
        """Close the camera and end `frames`, also from another thread."""
        self._closing.set()
        attendant, self._attendant = self._attendant, None
        if attendant is not None:
            attendant.close(self._tolerance.open_s)

    def _next(self, index: int) -> Frame | Fault | None:
        """Return the next frame, or why there is none; None at the end, or when closed."""
        try:
            taken = self._take()
        except CameraFailed as error:
            return Fault(error, ends_camera=True)
        if taken is None:
            return None
        try:
            return self._checked(taken, index)
        except BadPicture as error:
            return Fault(error, ends_camera=isinstance(error, ResizedPicture))

    def _take(self) -> Frame | LostFrame | None:
        """Return what the camera gives, which is opened where it is not."""
        if self._closing.is_set():
            return None
        if self._attendant is None:
            self._attendant = self._opened_again()
            self._gaps.restart()
        return self._attendant.next(self._tolerance.frame_s)

    def _checked(self, taken: Frame | LostFrame, index: int) -> Frame:
        if isinstance(taken, LostFrame):
            raise GarbledPicture(taken.message)
        dropped = self._gaps.dropped_before(taken.timestamp_ns, taken.interval_ns)
        self._check.check(taken)
        return dataclasses.replace(taken, index=index, source=f"{self._name}#{index}", dropped=dropped)

    def _opened_again(self) -> Attendant:
        try:
            return self._opened()
        except BadInput as error:  # what a person gave was good at the start: now it is the device that changed
            raise CameraLost(str(error)) from error

    def _opened(self) -> Attendant:
        attendant = Attendant(self._open, self._wait)
        try:
            attendant.open(self._tolerance.open_s)
            if self._kept.says_something:
                attendant.ask(lambda controls: controls.set(self._kept), self._tolerance.frame_s)
            if self._kept.locked:
                attendant.ask(lambda controls: controls.lock(), self._tolerance.frame_s)
        except BaseException as error:
            self._leave(attendant, isinstance(error, CameraHung))
            raise
        return attendant

    def _part(self, error: CameraFailed) -> None:
        attendant, self._attendant = self._attendant, None
        if attendant is not None:
            self._leave(attendant, isinstance(error, CameraHung))

    def _leave(self, attendant: Attendant, hangs: bool) -> None:
        """Give a camera up; one whose driver hangs is not waited for, but not too many of these are left behind."""
        if hangs:
            attendant.leave()
        else:
            attendant.close(self._tolerance.open_s)
        self._stuck = [each for each in (*self._stuck, attendant) if each.is_running]
        if len(self._stuck) > MOST_STUCK:
            raise GivenUp(
                f"{self._name}: the driver did not come back from {len(self._stuck)} calls; "
                "restart the program, or unplug the camera and its power"
            )

    def _ask(self, question: Callable[[Controls], Settings]) -> Settings:
        if self._attendant is None:
            raise CameraLost(f"{self._name}: the camera is away; it takes its settings when it is back")
        return self._attendant.ask(question, self._tolerance.frame_s)

    def _keep(self, settings: Settings) -> None:
        self._kept = self._kept.changed_by(settings)


class _KeptControls:
    """The controls of a camera that may be another one the next time they are asked."""

    def __init__(
        self, ask: Callable[[Callable[[Controls], Settings]], Settings], keep: Callable[[Settings], None]
    ) -> None:
        self._ask = ask
        self._keep = keep

    def read(self) -> Settings:
        return self._ask(lambda controls: controls.read())

    def set(self, wanted: Settings) -> Settings:
        self._keep(wanted)  # first: where the camera is away just now, it takes them when it is back
        return self._ask(lambda controls: controls.set(wanted))

    def lock(self) -> Settings:
        locked = self._ask(lambda controls: controls.lock())
        self._keep(locked)
        return locked
