"""A camera in a thread of its own, so that a driver that never comes back can be left behind."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import TypeVar, cast

from edge_runtime.cameras import Camera
from edge_runtime.cameras.controls import Controls
from edge_runtime.errors import CameraHung
from edge_runtime.records import Frame, LostFrame

T = TypeVar("T")

Wait = Callable[[threading.Event, float], bool]
"""Waits for an event, at most so many seconds, and tells whether it came; a test gives one that knows no clock."""

_NUMBERS = itertools.count(1)


def wait(event: threading.Event, seconds: float) -> bool:
    """Wait by the machine's clock."""
    return event.wait(seconds)


class _Call:
    """Something that the thread is to do, and what came of it."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._result: object = None
        self.done = threading.Event()

    def run(self) -> None:
        try:
            self._result = self._work()
        except BaseException as error:  # handed to the thread that waits, and raised there
            self._error = error
        self.done.set()

    def result(self) -> object:
        if self._error is not None:
            raise self._error
        return self._result


class Attendant:
    """Calls one camera from one thread, one call after the other, each within its time.

    Opening, the frames, the controls and closing all happen in that thread: OpenCV's captures and libcamera's requests
    may not be shared between threads. A call that does not come back raises CameraHung; the thread is then left behind
    and, should the driver ever come back, closes the camera and ends.
    """

    def __init__(self, open_: Callable[[], Camera], wait: Wait = wait) -> None:
        """Take what opens the camera; nothing is opened yet."""
        self._open = open_
        self._wait = wait
        self._one_at_a_time = threading.Lock()
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._camera: Camera | None = None
        self._frames: Iterator[Frame | LostFrame] = iter(())
        self.is_stuck = False
        """Whether a call did not come back in its time."""
        self._thread = threading.Thread(target=self._work, name=f"camera-{next(_NUMBERS)}", daemon=True)
        self._thread.start()

    def open(self, seconds: float) -> None:
        """Open the camera."""
        self._call("open", self._open_here, seconds)

    def next(self, seconds: float) -> Frame | LostFrame | None:
        """Return the next frame; None where the source is at its end."""
        return self._call("give a frame", lambda: next(self._frames, None), seconds)

    def ask(self, question: Callable[[Controls], T], seconds: float) -> T:
        """Ask something of the camera's controls, between two frames."""
        return self._call("answer", lambda: question(self._opened().controls), seconds)

    def leave(self) -> threading.Event:
        """Have the camera closed and the thread ended as soon as the driver lets it; the event tells that it is."""
        closing = _Call(self._close_here)
        self._calls.put(closing)
        self._calls.put(None)
        return closing.done

    def close(self, seconds: float) -> None:
        """Close the camera, and wait for that; a driver that hangs meanwhile is left behind."""
        if self._wait(self.leave(), seconds):
            self._thread.join()

    @property
    def is_running(self) -> bool:
        """Whether the thread still exists; after `leave`, this means that the driver hangs."""
        return self._thread.is_alive()

    def _call(self, what: str, work: Callable[[], T], seconds: float) -> T:
        with self._one_at_a_time:
            call = _Call(work)
            self._calls.put(call)
            if not (self._wait(call.done, seconds) or call.done.is_set()):
                self.is_stuck = True
                raise CameraHung(
                    f"expected the camera to {what} within {seconds:g} s, and it did not come back; "
                    "it is opened again; check cable and power if this stays"
                )
            return cast(T, call.result())

    def _open_here(self) -> None:
        self._camera = self._open()
        self._frames = iter(self._camera.frames())

    def _close_here(self) -> None:
        camera, self._camera, self._frames = self._camera, None, iter(())
        if camera is not None:
            camera.close()

    def _opened(self) -> Camera:
        assert self._camera is not None  # `open` comes first
        return self._camera

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call.run()
