"""What the page wants of the thread that has the camera: one thing after the other, between two frames."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue

from edge_runtime.stopping import Stop

Order = Callable[[], object]


class Orders:
    """Orders that wait, and the present round of frames, which each of them ends."""

    def __init__(self, stop: Stop) -> None:
        """Take what ends it all."""
        self._stop = stop
        self._waiting: deque[Order] = deque()
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._round: Stop | None = None
        self._turn = threading.Lock()
        stop.also_wakes(self._stopped)

    def put(self, order: Order) -> None:
        """Have something done by the thread that has the camera, once it is closed; from any thread."""
        with self._turn:
            self._waiting.append(order)
            if self._round is not None:
                self._round.ask()
        self._bell.put(None)

    def take(self) -> Order | None:
        """Return the oldest order; None where there is none."""
        with self._turn:
            return self._waiting.popleft() if self._waiting else None

    def round(self) -> Stop:
        """Return what ends the round of frames that begins now: an order, or the end of it all."""
        ends = Stop()
        with self._turn:
            self._round = ends
            asked = bool(self._waiting)
        if asked or self._stop.asked:
            ends.ask()
        return ends

    def wait(self, seconds: float | None) -> None:
        """Wait for an order, or for the end, so long at most; None: as long as it takes."""
        while not (self._stop.asked or self._waiting):
            try:
                self._bell.get(timeout=seconds)
            except Empty:
                return

    def _stopped(self) -> None:
        """End the round and the waiting; runs in a signal's handler, so it takes no lock."""
        ends = self._round
        if ends is not None:
            ends.ask()
        self._bell.put(None)
