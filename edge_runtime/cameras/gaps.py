"""Frames that a sensor took and nobody got, counted from the gaps between its timestamps."""

from __future__ import annotations

from collections import deque

_WINDOW, _LEAST = 32, 4
"""Intervals that the estimate rests on, and how many it needs at least."""


class GapCounter:
    """Counts dropped frames: a gap of n nominal intervals is n - 1 of them, to the nearest whole number.

    The nominal interval is the camera's own word where it gives one (libcamera's FrameDuration). Else it is the lower
    quartile of the last 32 intervals: a sensor can be late but never early, so drops move a mean and, from half on, a
    median, but the quartile only when three quarters of all frames are missing. Jitter below half an interval counts
    nothing. Before 4 intervals are known nothing is counted.
    """

    def __init__(self) -> None:
        """Begin without any timestamp."""
        self._last_ns: int | None = None
        self._intervals_ns: deque[int] = deque(maxlen=_WINDOW)

    def dropped_before(self, timestamp_ns: int | None, interval_ns: int | None = None) -> int:
        """Return how many frames are missing before this one; `interval_ns` is the nominal one, where it is known.

        A clock that stands still or goes back begins anew: the device was restarted.
        """
        last, self._last_ns = self._last_ns, timestamp_ns
        if last is None or timestamp_ns is None:
            return 0
        gap = timestamp_ns - last
        if gap <= 0:
            self._intervals_ns.clear()
            return 0
        self._intervals_ns.append(gap)
        nominal = interval_ns or self.nominal_ns()
        return 0 if nominal is None else max(0, round(gap / nominal) - 1)

    def nominal_ns(self) -> int | None:
        """Return the estimate of the nominal interval; None before enough is known."""
        if len(self._intervals_ns) < _LEAST:
            return None
        return sorted(self._intervals_ns)[len(self._intervals_ns) // 4]

    def restart(self) -> None:
        """Forget the last timestamp: the device is opened anew, and what it did meanwhile is told otherwise."""
        self._last_ns = None
