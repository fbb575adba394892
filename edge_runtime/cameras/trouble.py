"""When a live camera counts as failed, how long to wait before it is tried again, and when to give up."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from edge_runtime.cameras.options import read_int, read_positive
from edge_runtime.errors import CameraFailed, CameraHung

TIMEOUT, TRIES = "timeout", "tries"
LIVE_KEYS = frozenset({TIMEOUT, TRIES})
"""The options of every live camera: s until the watchdog acts; vain tries after which the run ends."""


@dataclass(frozen=True)
class Backoff:
    """Waits between tries: exponential, capped, with jitter, so that not all instruments try at once."""

    first_s: float = 0.5
    """Before the first try, s."""
    factor: float = 2.0
    """Each further wait is so many times the one before."""
    cap_s: float = 15.0
    """No wait is longer: a lamp that is switched on again is noticed within it."""
    jitter: float = 0.2
    """A wait is moved by up to this share of it, either way, but never above the cap."""

    def waits(self, rng: random.Random) -> Iterator[float]:
        """Yield the seconds to wait before each try, without end."""
        plain = self.first_s
        while True:
            yield min(self.cap_s, plain * (1 + self.jitter * rng.uniform(-1, 1)))
            plain = min(self.cap_s, plain * self.factor)


@dataclass(frozen=True)
class Tolerance:
    """When a camera counts as failed, and how it is tried again."""

    frame_s: float = 5.0
    """The watchdog: a frame that is not there after so long means that the driver hangs."""
    open_s: float = 20.0
    """The same for opening and closing."""
    bad_pictures: int = 5
    """So many black, frozen or garbled pictures in a row, and the camera is opened again; each of them is reported."""
    repeats: int = 1
    """So many equal pictures in a row are frozen: 1 for a sensor, more where a video codec may repeat a still view."""
    tries: int | None = None
    """After so many vain tries in a row the fault ends the run, exit code 3; 0 allows none, None never ends it."""
    backoff: Backoff = field(default_factory=Backoff)
    """The waits between tries."""
    seed: int = 0
    """Of the jitter in these waits."""


def read_tolerance(options: Mapping[str, str], frame_s: float = 5.0, repeats: int = 1) -> Tolerance:
    """Return what the options `timeout` and `tries` of a source say; `frame_s` is this camera's default timeout."""
    return Tolerance(
        frame_s=read_positive(options, TIMEOUT, frame_s) or frame_s,
        repeats=repeats,
        tries=read_int(options, TRIES, 10, 0) if TRIES in options else None,
    )


class GivenUp(CameraHung):
    """The driver keeps calls that never come back, and trying again would only add to them."""


@dataclass(frozen=True)
class Fault:
    """Why there is no frame."""

    error: CameraFailed
    """What is told."""
    ends_camera: bool
    """Whether the camera is at its end, and must be opened again; a bad picture may pass."""


class Trouble:
    """What went wrong since the last good frame, and what follows from it."""

    def __init__(self, tolerance: Tolerance, rng: random.Random) -> None:
        """Begin without any."""
        self._tolerance = tolerance
        self._waits = tolerance.backoff.waits(rng)
        self._failures = 0
        self.count = 0

    def add(self, fault: Fault) -> bool:
        """Take a fault and tell whether the camera is to be opened again; raise it where there were too many."""
        self.count += 1
        if not fault.ends_camera and self.count % self._tolerance.bad_pictures:
            return False
        self._failures += 1
        most = self._tolerance.tries
        if isinstance(fault.error, GivenUp) or (most is not None and self._failures > most):
            raise fault.error
        return True

    def next_wait(self) -> float:
        """Return how long to wait before the next try, s."""
        return next(self._waits)
