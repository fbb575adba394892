"""How long frames took, stage by stage, counted in buckets as Prometheus has them."""

from __future__ import annotations

import bisect
import threading
from collections.abc import Mapping

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends, s."""


class FrameTimes:
    """Counts; the thread of the frames adds, the page's reads."""

    def __init__(self) -> None:
        """Begin with none."""
        self._lock = threading.Lock()
        self._stages: dict[str, tuple[list[int], list[float]]] = {}

    def add(self, milliseconds: Mapping[str, float]) -> None:
        """Count a frame: FrameResult.milliseconds, or any of it."""
        with self._lock:
            for stage, ms in milliseconds.items():
                counts, total = self._stages.setdefault(stage, ([0] * (len(BUCKETS_S) + 1), [0.0]))
                counts[bisect.bisect_left(BUCKETS_S, ms / 1e3)] += 1
                total[0] += ms / 1e3

    def stages(self) -> dict[str, tuple[tuple[int, ...], float]]:
        """Return for each stage how many fell into each bucket (the last: longer than all), and their sum, s."""
        with self._lock:
            return {stage: (tuple(counts), total[0]) for stage, (counts, total) in self._stages.items()}
