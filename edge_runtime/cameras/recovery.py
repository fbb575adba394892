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
from edge_runtime.cameras.attendant import Wait, wait
from edge_runtime.cameras.controls import Controls
from edge_runtime.cameras.gaps import GapCounter
from edge_runtime.cameras.picture_check import PictureCheck
from edge_runtime.cameras.reopening import Reopening
from edge_runtime.cameras.trouble import Fault, Tolerance, Trouble
from edge_runtime.errors import BadPicture, CameraFailed, GarbledPicture, ResizedPicture
from edge_runtime.records import Frame, LostFrame

log = logging.getLogger(__name__)


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
        self._name = name
        self._tolerance = tolerance or Tolerance()
        self._pause = pause
        self._closing = threading.Event()
        self._check = PictureCheck(self._tolerance.repeats)
        self._gaps = GapCounter()
        self._rng = random.Random(self._tolerance.seed)
        self._camera = Reopening(open_, name, self._tolerance, wait)

    @property
    def controls(self) -> Controls:
        """Its camera's controls; what was set or locked is set again each time the camera is reopened."""
        return self._camera.controls

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
                self._camera.part()
                self._pause(self._closing, trouble.next_wait())

    def close(self) -> None:
        """Close the camera and end `frames`, also from another thread."""
        self._closing.set()
        self._camera.close()

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
        if not self._camera.is_open:
            self._camera.open_again()
            self._gaps.restart()
        return self._camera.next()

    def _checked(self, taken: Frame | LostFrame, index: int) -> Frame:
        if isinstance(taken, LostFrame):
            raise GarbledPicture(taken.message)
        dropped = self._gaps.dropped_before(taken.timestamp_ns, taken.interval_ns)
        self._check.check(taken)
        return dataclasses.replace(taken, index=index, source=f"{self._name}#{index}", dropped=dropped)
