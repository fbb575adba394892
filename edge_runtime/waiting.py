"""Frames that were taken and wait to be judged: who makes room for a newer one, and what is counted as left out."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from .records import Frame, LostFrame

MOST_REPORTS = 1000
"""So many lost frames may wait; from then on a live camera waits, too."""
OLD_BUFFERS = 4
"""So many frames a driver keeps while nobody takes them (V4L2's and libcamera's usual count): older than a rest."""


@dataclass
class Dropped:
    """Frames between two that were judged."""

    by_camera: int = 0
    """Taken by the sensor, and never seen here: by the gaps between its timestamps."""
    by_queue: int = 0
    """Taken from the camera and left out, because judging was slower, or because they were older than a rest."""

    def leave_out(self, taken: Taken) -> None:
        """Count a frame that is left out, with those that were dropped before it."""
        self.by_camera += taken.dropped.by_camera
        self.by_queue += taken.dropped.by_queue + 1

    def pass_on(self, taken: Taken) -> None:
        """Hand the counts on to the next frame that is kept."""
        taken.dropped.by_camera += self.by_camera
        taken.dropped.by_queue += self.by_queue
        self.by_camera = self.by_queue = 0


@dataclass(frozen=True)
class Taken:
    """A frame, and how it came."""

    frame: Frame | LostFrame
    """As the camera gave it."""
    capture_ms: float
    """The camera's time for it."""
    at_s: float
    """When it was there, by the clock of the capture."""
    dropped: Dropped
    """What there was between it and the one before."""


class Waiting:
    """The frames of one camera, oldest first. Knows no thread: whoever shares it holds a lock."""

    def __init__(self, is_live: bool, ahead: int) -> None:
        """Hold `ahead` frames at most; those of a live camera make room for each other."""
        self._is_live = is_live
        self._ahead = ahead
        self._waiting: deque[Taken] = deque()
        self._old = 0
        self._left_out = Dropped()

    def __len__(self) -> int:
        """How many wait, lost ones among them."""
        return len(self._waiting)

    @property
    def has_room(self) -> bool:
        """Whether another frame may be taken: of a file when it can wait, of a live camera always."""
        return len(self._waiting) < (MOST_REPORTS if self._is_live else self._ahead)

    def oldest(self) -> Taken:
        """Return the oldest, which no longer waits."""
        return self._waiting.popleft()

    def put(self, taken: Taken) -> bool:
        """Let a frame wait, where an older one makes room; False: it is itself too old, and counted as left out."""
        is_frame = isinstance(taken.frame, Frame)
        if self._old and is_frame:
            self._old -= 1
            self._left_out.leave_out(taken)
            return False
        if self._is_live and is_frame:
            self._leave_out(1 + sum(isinstance(each.frame, Frame) for each in self._waiting) - self._ahead)
        self._left_out.pass_on(taken)
        self._waiting.append(taken)
        return True

    def forget(self) -> None:
        """Leave out what a live camera took before a rest, its driver's buffers too: it no longer shows the field."""
        self._leave_out(len(self._waiting))
        self._old = OLD_BUFFERS

    def _leave_out(self, number: int) -> None:
        """Leave out the oldest frames, so many of them at most, and have the next one count them."""
        kept: deque[Taken] = deque()
        for taken in self._waiting:
            if number > 0 and isinstance(taken.frame, Frame):
                number -= 1
                self._left_out.leave_out(taken)
            else:
                self._left_out.pass_on(taken)
                kept.append(taken)
        self._waiting = kept
