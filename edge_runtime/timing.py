"""Time the stages of every frame, and keep how they spread: all the time, in a fixed size, at no visible cost."""

from __future__ import annotations

import math
import time
from array import array
from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds that only grow; a test gives its own."""

_BINS_AN_OCTAVE = 32
"""A bin is 2.2 % wide, so that a quantile is off by 1.1 % at most."""
_OCTAVES = 36
"""From a microsecond to nineteen hours."""
_SHORTEST_MS = 1e-3


class Stopwatch:
    """Milliseconds of each stage of one frame."""

    def __init__(self, clock: Clock = time.perf_counter) -> None:
        """Start now."""
        self.milliseconds: dict[str, float] = {}
        self._clock = clock
        self._since = clock()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap on a stage."""
        now = self._clock()
        self.milliseconds[stage] = (now - self._since) * 1e3
        self._since = now


class Spread:
    """Durations of any number, counted in bins that grow by a constant factor; they take 9 kB."""

    def __init__(self) -> None:
        """Begin with none."""
        self._bins = array("Q", bytes(8 * _BINS_AN_OCTAVE * _OCTAVES))
        self.count = 0
        self._longest_ms = 0.0

    def add(self, milliseconds: float) -> None:
        """Count one duration."""
        octaves = math.log2(milliseconds / _SHORTEST_MS) if milliseconds > _SHORTEST_MS else 0.0
        self._bins[min(int(octaves * _BINS_AN_OCTAVE), len(self._bins) - 1)] += 1
        self.count += 1
        if milliseconds > self._longest_ms:
            self._longest_ms = milliseconds

    def quantile(self, share: float) -> float:
        """Return the duration, ms, that this share (0..1) of all did not exceed; NaN where there are none."""
        wanted = max(1, math.ceil(share * self.count))
        below = 0
        for place, count in enumerate(self._bins):
            below += count
            if below >= wanted:
                middle = _SHORTEST_MS * 2 ** ((place + 0.5) / _BINS_AN_OCTAVE)
                return min(middle, self._longest_ms)
        return math.nan

    def to_json(self) -> dict[str, float]:
        """Return p50, p95, p99 and the longest, ms, and how many there were."""
        quantiles = {f"p{round(share * 100)}": round(self.quantile(share), 3) for share in (0.5, 0.95, 0.99)}
        return {**quantiles, "max": round(self._longest_ms, 3), "count": self.count}


class Spreads:
    """The spread of each stage."""

    def __init__(self) -> None:
        """Begin with no stage."""
        self._by_stage: dict[str, Spread] = {}

    def add(self, stage: str, milliseconds: float) -> None:
        """Count one duration of one stage."""
        spread = self._by_stage.get(stage)
        if spread is None:
            spread = self._by_stage[stage] = Spread()
        spread.add(milliseconds)

    def to_json(self) -> dict[str, dict[str, float]]:
        """Return each stage's spread, in the order in which the stages first came."""
        return {stage: spread.to_json() for stage, spread in self._by_stage.items()}
