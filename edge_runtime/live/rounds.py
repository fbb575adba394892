"""The thread that has the camera: opens it, judges its frames, and begins again where it failed or was told to."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import Protocol

from edge_runtime.alarms import Alarm
from edge_runtime.cameras.trouble import Backoff, GivenUp
from edge_runtime.capture import Capture
from edge_runtime.errors import BadInput, CameraFailed
from edge_runtime.results import FrameResult
from edge_runtime.run import Judge, Watcher, judge_frames
from edge_runtime.service.heart import Heart
from edge_runtime.sinks import Sink
from edge_runtime.stopping import Stop
from edge_runtime.tally import Tally

from .numbered import Numbered
from .orders import Orders
from .parts import Parts
from .round_setup import Opener, Setup
from .state import ENDED, FAILED, NEEDS_CALIBRATION, RUNNING, STARTING

log = logging.getLogger(__name__)


class Leader(Protocol):
    """Who is told how it goes, and says what is done with frames: the engine."""

    def says(self, phase: str, message: str | None) -> None:
        """Take the phase that begins."""
        ...

    def works_with(self, setup: Setup) -> Judge:
        """Take what is at work in the round that begins; return what judges its frames."""
        ...

    def alarms(self) -> tuple[Alarm, ...]:
        """Return the alarms that are told with the next frame, beside those of the calibration."""
        ...

    def source_ended(self) -> None:
        """Take note that no more frames come."""
        ...


class Rounds:
    """Rounds of frames, one after the other; each has the camera open, and one calibration."""

    def __init__(self, parts: Parts, leader: Leader, orders: Orders, sink: Sink, tally: Tally) -> None:
        """Take the parts, who leads, what he wants, where results go, and what sums them up."""
        self._parts, self._leader, self._orders = parts, leader, orders
        self._opener = Opener(parts)
        self._sink, self._tally = sink, tally
        self._backoff = Backoff().waits(random.Random())
        self._next = 0
        self._ended = False
        self._failure: str | None = None

    def again(self) -> None:
        """Begin again with what is calibrated by now, also where the source had ended; an order."""
        self._ended, self._opener.unfit = False, None

    def work(self, stop: Stop, heart: Heart, watcher: Watcher, each: Callable[[FrameResult], object]) -> None:
        """Go on until one asks to stop. Raises BadInput where no camera can be opened as a person said it."""
        while not stop.asked:
            heart.follows(False)  # a person waits with us
            order = self._orders.take()
            if order is not None:
                order()
            elif self._ended:
                self._orders.wait(None)
            else:
                self._try_round(heart, watcher, each)

    def _try_round(self, heart: Heart, watcher: Watcher, each: Callable[[FrameResult], object]) -> None:
        """Go one round; a camera that fails is tried again after a while."""
        before = self._next
        try:
            self._round(heart, watcher, each)
            return
        except GivenUp:
            raise
        except CameraFailed as error:
            if self._next > before:
                self._backoff, self._failure = Backoff().waits(random.Random()), None
            wait_s = next(self._backoff)
            if str(error) != self._failure:  # once, and not with each try
                log.warning("%s; it is tried again", error)
            self._failure = str(error)
            self._leader.says(FAILED, f"{error}; it is tried again")
        heart.follows(False)
        self._orders.wait(wait_s)

    def _round(self, heart: Heart, watcher: Watcher, each: Callable[[FrameResult], object]) -> None:
        self._leader.says(STARTING, None)
        ends = self._orders.round()
        heart.follows(True)  # opening has its own timeouts; one that hangs beyond them is started again
        with self._opener.opened() as (camera, setup):
            numbered = Numbered(camera, self._next)
            judge = self._leader.works_with(setup)
            self._leader.says(RUNNING if setup.pipeline else NEEDS_CALIBRATION, setup.trouble)
            heart.follows(numbered.live)
            try:
                with Capture(numbered, ends, self._parts.args.ahead) as capture:
                    judge_frames(
                        capture,
                        ends,
                        judge,
                        [self._sink],
                        self._tally,
                        heart,
                        watcher,
                        None,
                        each,
                        alarms=self._leader.alarms,
                    )
            except BadInput as error:
                if setup.calibration is None:
                    raise
                self._opener.unfit = str(error)  # it is of another size, say; pictures go on, nothing is judged
                return
            finally:
                self._next = max(self._next, numbered.next)
        if not ends.asked:
            self._end(setup)

    def _end(self, setup: Setup) -> None:
        """Stop at the source's end; where it was not judged, a calibration is still what it needs."""
        self._ended = True
        self._leader.source_ended()
        if setup.pipeline is not None:
            self._leader.says(ENDED, f"{self._parts.args.source} has no more frames")
