"""End a run when a person or the system asks: SIGTERM and the first Ctrl-C are heard between two frames."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType


class Stop:
    """Whether one asked to stop. What waits is woken, whatever it waits for.

    A signal's handler runs in the main thread, between any two of its steps: a lock that it takes there may be held by
    the very code that it interrupts. SimpleQueue is made for that, events and conditions are not.
    """

    def __init__(self) -> None:
        """Begin with nobody asking."""
        self._bell: SimpleQueue[None] = SimpleQueue()
        self._others: list[Callable[[], object]] = []
        self.asked = False
        """Whether one did."""

    def ask(self) -> None:
        """Ask; from a handler or from any thread, as often as one likes."""
        self.asked = True
        self._bell.put(None)
        for wake in self._others:
            wake()

    def also_wakes(self, wake: Callable[[], object]) -> None:
        """Call something, too, when one asks; it must be fit for a handler."""
        self._others.append(wake)
        if self.asked:
            wake()

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until one asks; tell whether one did."""
        if not self.asked and seconds > 0:
            with suppress(Empty):
                self._bell.get(timeout=seconds)
        return self.asked


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """Turn SIGTERM and Ctrl-C into a Stop; a second Ctrl-C interrupts at once, should the end not come."""
    stop = Stop()

    def hear(number: int, _: FrameType | None) -> None:
        if stop.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        stop.ask()

    old = {number: signal.signal(number, hear) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
