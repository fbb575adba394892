"""Take frames ahead in a thread of their own, so that a camera and its decoder work while a frame is judged.

A live camera does not wait: where judging is slower, the oldest waiting frame makes room, and is counted. Files, videos
and slides do wait: none of their frames is left out. A lost frame is a report, and never left out either.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from queue import SimpleQueue
from types import TracebackType

from .cameras import Camera
from .records import Frame, LostFrame
from .stopping import Stop
from .timing import Clock
from .waiting import Dropped, Taken, Waiting

AHEAD = 1
"""So many frames wait at most: one hides the camera's time; more only make the picture older, and hold memory."""


class Capture:
    """Owns the thread that takes the frames of a camera, and closes the camera to end it. Use it in `with`."""

    def __init__(self, camera: Camera, stop: Stop, ahead: int = AHEAD, clock: Clock = time.perf_counter) -> None:
        """Start to take frames, `ahead` of them at most waiting; `stop` ends them."""
        self._camera = camera
        self._is_live: bool = getattr(camera, "live", False)
        self._stop = stop
        self._clock = clock
        self._waiting = Waiting(self._is_live, ahead)
        self._changed = threading.Condition()
        self._closing = self._ended = self._rests = False
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
            return self._waiting.oldest()

    def _set_rest(self, rests: bool) -> None:
        """Begin or end a rest; what a live camera took before its end is forgotten."""
        with self._changed:
            if self._rests and not rests:
                self._waiting.forget()
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
        with self._changed:
            self._changed.wait_for(lambda: self._closing or (self._waiting.has_room and not self._rests))
            return not self._closing

    def _next(self, frames: Iterator[Frame | LostFrame]) -> Taken | None:
        began = self._clock()
        frame = next(frames, None)
        if frame is None:
            return None
        now = self._clock()
        return Taken(frame, (now - began) * 1e3, now, Dropped(frame.dropped if isinstance(frame, Frame) else 0))

    def _put(self, taken: Taken) -> None:
        with self._changed:
            waits = self._waiting.put(taken)
        if waits:
            self._bell.put(None)
