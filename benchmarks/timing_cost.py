"""What it costs to time every stage of every frame, and to keep how the times spread."""

from __future__ import annotations

import time

import numpy as np

from edge_runtime.timing import Spreads, Stopwatch

from .timing import spread

STAGES = ("scale", "looks", "tile", "gates", "stain", "network", "context", "label")
"""Those that a pipeline times."""
AROUND = ("capture", "queue", "wait", "sinks", "frame")
"""Those around it."""


def timing_cost(frames: int = 2000) -> dict[str, float]:
    """Return how long it takes to time and count all stages of a frame that does nothing else, µs."""
    spreads, spent = Spreads(), []
    for _ in range(frames):
        began = time.perf_counter_ns()
        watch = Stopwatch()
        for stage in STAGES:
            watch.lap(stage)
        for stage, milliseconds in watch.milliseconds.items():
            spreads.add(stage, milliseconds)
        for stage in AROUND:
            spreads.add(stage, 1.0)
        spent.append(time.perf_counter_ns() - began)
    return spread(np.array(spent) / 1e3)
