"""Take frames ahead in a thread of their own, so that a camera and its decoder work while a frame is judged.

A live camera does not wait: where judging is slower, the oldest waiting frame makes room, and is counted. Files, videos
and slides do wait: none of their frames is left out. A lost frame is a report, and never left out either.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from queue import SimpleQueue
from types import TracebackType

from .cameras import Camera
from .records import Frame, LostFrame
from .stopping import Stop
from .timing import Clock

AHEAD = 1
"""So many frames wait at most: one hides the camera's time; more only make the picture older, and hold memory."""
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


class Capture:
    """Owns the thread that takes the frames of a camera, and closes the camera to end it. Use it in `with`."""

    def __init__(self, camera: Camera, stop: Stop, ahead: int = AHEAD, clock: Clock = time.perf_counter) -> None:
        """Start to take frames, `ahead` of them at most waiting; `stop` ends them."""
        self._camera = camera
        self._is_live: bool = getattr(camera, "live", False)
        self._stop = stop
        self._ahead = ahead
        self._clock = clock
        self._waiting: deque[Taken] = deque()
        self._changed = threading.Condition()
        self._closing = self._ended = self._rests = False
        self._old = 0
        self._left_out = Dropped()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._error: BaseException | None = None
        stop.also_wakes(lambda: self._bell.put(None))
        self._thread = threading.Thread(target=self._work, name="capture", daemon=True)
        self._thread.start()

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def __iter__(self) -> Iterator[Taken]:
        """Yield frames until the source ends or one asks to stop; what ended the thread is raised after its frames."""
        while not self._stop.asked:
            self._bell.get()  # rings for each frame that waits, for the end, and for a stop
            if self._stop.asked:
                return
            if self._waiting:
                yield self._oldest()  # and no name for it here: a frame that nobody needs is memory
            elif self._ended:
                break
        if self._error is not None:
            raise self._error

    def rest(self, seconds: float) -> None:
        """Wait so long; a live camera rests, too: to decode its frames would heat as much as to judge them."""
        self._set_rest(self._is_live)
        self._stop.wait(seconds)
        self._set_rest(False)

    def close(self) -> None:
        """End the thread; closing the camera ends its frames even where it waits for one."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._camera.close()
        self._thread.join()

    def _oldest(self) -> Taken:
        with self._changed:
            self._changed.notify_all()
            return self._waiting.popleft()

    def _set_rest(self, rests: bool) -> None:
        """Begin or end a rest; what a live camera took before it no longer shows the field."""
        with self._changed:
            if self._rests and not rests:
                self._forget_frames(len(self._waiting))
                self._old = OLD_BUFFERS
            self._rests = rests
            self._changed.notify_all()

    def _work(self) -> None:
        try:
            self._take_all()
        except BaseException as error:  # handed to the thread that iterates, and raised there
            self._error = error
        finally:
            self._ended = True
            self._bell.put(None)

    def _take_all(self) -> None:
        frames = iter(self._camera.frames())
        try:
            while self._may_go_on() and (taken := self._next(frames)) is not None:
                self._put(taken)
                del taken  # the camera is about to make another: two of 12 megapixels are 74 MB
        finally:
            if isinstance(frames, Generator):
                frames.close()

    def _may_go_on(self) -> bool:
        """Wait until there is room and no rest; a frame that nobody could take is not even decoded. False: close."""
        most = MOST_REPORTS if self._is_live else self._ahead
        with self._changed:
            self._changed.wait_for(lambda: self._closing or (len(self._waiting) < most and not self._rests))
            return not self._closing

    def _next(self, frames: Iterator[Frame | LostFrame]) -> Taken | None:
        began = self._clock()
        frame = next(frames, None)
        if frame is None:
            return None
        now = self._clock()
        return Taken(frame, (now - began) * 1e3, now, Dropped(frame.dropped if isinstance(frame, Frame) else 0))

    def _put(self, taken: Taken) -> None:
        """Let a frame wait; where there is no room, since the camera is live, the oldest makes some."""
        with self._changed:
            if self._old and isinstance(taken.frame, Frame):
                self._old -= 1
                self._left_out.leave_out(taken)
                return
            if self._is_live and isinstance(taken.frame, Frame):
                self._forget_frames(1 + sum(isinstance(each.frame, Frame) for each in self._waiting) - self._ahead)
            self._left_out.pass_on(taken)
            self._waiting.append(taken)
        self._bell.put(None)

    def _forget_frames(self, number: int) -> None:
        """Leave out the oldest frames that wait, so many of them at most, and have the next one count them."""
        kept: deque[Taken] = deque()
        for taken in self._waiting:
            if number > 0 and isinstance(taken.frame, Frame):
                number -= 1
                self._left_out.leave_out(taken)
            else:
                self._left_out.pass_on(taken)
                kept.append(taken)
        self._waiting = kept
