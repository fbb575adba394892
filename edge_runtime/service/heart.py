"""The sign of life of a run, tied to its frames: a process that is there but gets nowhere is started again.

A thread of its own gives the sign, and only while frames go on. So a frame that is never done (a hung interpreter, a
card that swallows a write) and a camera that gives neither frames nor faults end it, and so does a process that stands
still as a whole. Waiting for a person who puts a picture into a folder does not.
"""

from __future__ import annotations

import faulthandler
import logging
import threading
import time
from types import TracebackType

from edge_runtime.timing import Clock

from .notify import Notifier

log = logging.getLogger(__name__)

STALL_S = 90.0
"""So long may a frame take, or a live camera be silent. Its recovery says something at least every 75 s: a close and an
open that each hang for 20 s, a wait of 15, and 20 for settings and a frame; a rest from heat takes 30 s at most."""
BEATS = 4
"""Signs of life within the manager's patience: one that is late is no death."""


class Heart:
    """Beats while a run gets on. Use it in `with`: it is ready from then on, and says when it stops."""

    def __init__(
        self, notifier: Notifier, is_live: bool, stall_s: float = STALL_S, clock: Clock = time.monotonic
    ) -> None:
        """Take who is told, and whether the source gives frames at its own pace, so that silence is a fault."""
        self._notifier = notifier
        self._is_live = is_live
        self._stall_s = stall_s
        self._clock = clock
        self._since = clock()
        self._is_working = False
        self._told = ""
        self._stalled = False
        self._frames = self._not_judged = 0
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Heart:
        if self._notifier.is_heard:
            faulthandler.enable()  # the manager's SIGABRT then leaves in the journal where each thread was
            self._notifier.tell(READY=1, STATUS="waiting for the first frame")
        if self._notifier.watchdog_s is not None:
            self._thread = threading.Thread(target=self._work, args=(self._notifier.watchdog_s,), daemon=True)
            self._thread.name = "heart"
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join()
        self._notifier.tell(STOPPING=1, STATUS=f"stopping after {self._counts()}")

    def follows(self, is_live: bool) -> None:
        """Say whether frames, or a camera that is opened, come at their own pace from now on; False: one waits."""
        self._is_live, self._is_working, self._since = is_live, False, self._clock()

    def frame_begins(self) -> None:
        """Note that a frame is there, and work on it begins."""
        self._is_working, self._since = True, self._clock()

    def frame_ends(self, reason: str | None = None) -> None:
        """Note that a frame is recorded; `reason` is why it was not judged."""
        self._is_working, self._since = False, self._clock()
        self._frames += 1
        self._not_judged += reason is not None
        self._told = "" if reason is None else f"; not the last one: {reason}"

    def beat(self) -> bool:
        """Give one sign of life if the run gets on; tell whether it does."""
        silent_s = self._clock() - self._since
        waits_for_person = not self._is_working and not self._is_live
        if waits_for_person or silent_s < self._stall_s:
            self._stalled = False
            self._notifier.tell(WATCHDOG=1, STATUS=f"{self._counts()}{self._told}")
            return True
        doing = "a frame is not done" if self._is_working else "the camera gives neither a frame nor a fault"
        if not self._stalled:
            log.error("for %.0f s %s; no more signs of life, so that the system starts this again", silent_s, doing)
        self._stalled = True
        self._notifier.tell(STATUS=f"{self._counts()}; stalled: {doing} for {silent_s:.0f} s")
        return False

    def _work(self, watchdog_s: float) -> None:
        self.beat()
        while not self._end.wait(watchdog_s / BEATS):
            self.beat()

    def _counts(self) -> str:
        return f"{self._frames} frames, {self._frames - self._not_judged} of them judged"
