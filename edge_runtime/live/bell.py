"""Who waits for the next view: one word from the thread of the frames wakes all of them at once."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Hashable

from .instrument import Instrument

RING_S = 0.18
"""Views that come faster are told together: a phone's eye sees no more, and each word costs the frames some time."""
_WATCHES_S = 10.0
_LINGER_S = 5.0


class Bell:
    """Rings when there is a new view. Listens to the instrument only while somebody waits, or did a moment ago."""

    def __init__(self, instrument: Instrument, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the instrument."""
        self._instrument, self._clock = instrument, clock
        self._event = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._told = False
        self._ends: Callable[[], None] | None = None
        self._hush: asyncio.TimerHandle | None = None
        self._rang = -RING_S
        self._waiting = 0
        self._seen: dict[Hashable, float] = {}
        self.closed = False
        """Whether the server is about to end: nobody waits any longer."""

    def watchers(self) -> int:
        """Return how many watched during the last seconds."""
        now = self._clock()
        for each in [each for each, at in list(self._seen.items()) if now - at > _WATCHES_S]:
            self._seen.pop(each, None)
        return len(self._seen)

    def watch(self, who: Hashable) -> None:
        """Note that somebody watches, and listen from now on, so that no view is missed between a look and a wait."""
        self._seen[who] = self._clock()
        if self._hush is not None:
            self._hush.cancel()
        self._loop = asyncio.get_running_loop()
        if self._ends is None and not self.closed:
            self._ends = self._instrument.listen(self._tell)
        self._hush = self._loop.call_later(_LINGER_S, self._stop)

    async def wait(self, timeout_s: float) -> None:
        """Wait for the next ring, but no longer than that; from the server's loop alone, after `watch`."""
        if self.closed or timeout_s <= 0:
            return
        self._waiting += 1
        try:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._event.wait(), timeout_s)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Wake everybody for the last time; from any thread."""
        self.closed = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring)
            self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        self._hush = None
        if self._waiting and not self.closed:
            assert self._loop is not None
            self._hush = self._loop.call_later(_LINGER_S, self._stop)
        elif self._ends is not None:
            ends, self._ends = self._ends, None
            ends()

    def _tell(self) -> None:
        """Take the word from the thread of the frames: a flag and, once a ring, a byte to the loop."""
        with self._lock:
            if self._told or self._loop is None or self._loop.is_closed():
                return
            self._told = True
        self._loop.call_soon_threadsafe(self._soon)

    def _soon(self) -> None:
        assert self._loop is not None
        self._loop.call_later(max(0.0, self._rang + RING_S - self._clock()), self._ring)

    def _ring(self) -> None:
        with self._lock:
            self._told = False
        self._rang = self._clock()
        rung, self._event = self._event, asyncio.Event()
        rung.set()
