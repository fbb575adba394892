"""Cameras for the tests of recovery, and a clock that never runs: what hangs says so."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import numpy as np

from edge_runtime.cameras.controls import NoControls
from edge_runtime.cameras.recovery import RecoveringCamera
from edge_runtime.cameras.trouble import Tolerance
from edge_runtime.records import Frame

MS = 1_000_000


def picture(seed: int, size: tuple[int, int] = (40, 60)) -> np.ndarray:
    return np.random.default_rng(seed).integers(60, 200, (*size, 3), np.uint8)


def frame(seed: int, **more: object) -> Frame:
    return Frame(picture(seed), 0.5, seed, f"camera#{seed}", **{"timestamp_ns": seed * 40 * MS, **more})  # type: ignore[arg-type]


class Pictures:
    """A camera that gives so many different pictures, and remembers what was asked of it."""

    def __init__(self, count: int = 10_000, first: int = 0) -> None:
        self.count, self.first, self.closed = count, first, 0
        self.controls = NoControls()

    def frames(self) -> Iterator[Frame]:
        return (frame(seed) for seed in range(self.first, self.first + self.count))

    def close(self) -> None:
        self.closed += 1


class NoClock:
    """Waits for calls without a clock, gives up on one that says it hangs, and writes the pauses down."""

    def __init__(self, hangs: threading.Event) -> None:
        self.hangs, self.pauses = hangs, []

    def wait(self, done: threading.Event, _: float) -> bool:
        while not done.wait(0.0005):
            if self.hangs.is_set():
                self.hangs.clear()
                return done.is_set()
        return True

    def pause(self, closing: threading.Event, seconds: float) -> bool:
        self.pauses.append(seconds)
        return closing.is_set()


def recovering(
    open_: Callable[[], object], hangs: threading.Event | None = None, **tolerance: object
) -> tuple[RecoveringCamera, NoClock]:
    clock = NoClock(hangs or threading.Event())
    tolerance = {"seed": 3, **tolerance}
    return RecoveringCamera(open_, "scope", Tolerance(**tolerance), clock.wait, clock.pause), clock  # type: ignore[arg-type]


def attendants() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("camera-")]
