"""What the page shows of an instrument's parts, as plain data: bars, alarms, session, calibration, computer."""

from __future__ import annotations

from dataclasses import dataclass

GOOD, POOR, BAD, UNKNOWN = LEVELS = ("good", "poor", "bad", "unknown")
"""How a part of the instrument is, in one word."""


@dataclass(frozen=True)
class Gauge:
    """One bar of the page."""

    level: str
    """One of LEVELS."""
    value: float | None
    """0..1 along the bar; None where nothing was measured."""
    reason: str | None = None
    """Key of the words for it, as `blurred`, `lamp_dim` or `no_tissue`; None where nothing is to be said."""


NOTHING = Gauge(UNKNOWN, None)
"""Nothing was measured."""


@dataclass(frozen=True)
class AlarmState:
    """An alarm that stands."""

    reason: str
    """One of alarms.ALARMS."""
    message: str
    """What was expected, what was found, what to do."""
    value: float
    """What was measured."""
    limit: float
    """What it should not pass."""


@dataclass(frozen=True)
class RecordingState:
    """The session that is being recorded."""

    id: str
    """Name of its folder."""
    slide: str
    """The label on the slide."""
    operator: str
    """Who is at the instrument."""
    keep: str
    """keep.KEEP."""
    began_at: str
    """ISO 8601, UTC."""
    frames: int
    """Recorded so far."""
    marked: tuple[int, ...]
    """Frames that somebody marked."""
    waiting: int = 0
    """Frames that wait in memory, since the disk fails."""


@dataclass(frozen=True)
class CalibrationState:
    """The calibration at work."""

    name: str
    """What a person calls it."""
    sha256: str
    """Of its content."""
    objective: str
    """As engraved; empty: nobody said."""
    um_per_px: float
    """Of the camera's pixels."""
    expires_at: str | None
    """ISO 8601; None: never."""
    has: tuple[str, ...]
    """scale, blank, focus: the parts that it has."""


@dataclass(frozen=True)
class BoardState:
    """What the computer tells of itself; None where it does not."""

    cpu_c: float | None = None
    """°C."""
    heat_step: str = "normal"
    """heat.Step.name: anything else means that it rests between frames."""
    throttled: bool | None = None
    """Whether the firmware holds it back."""
    free_gb: float | None = None
    """Of the disk that sessions are on."""
    memory_mb: float | None = None
    """Resident, of this process."""


UNTOLD = BoardState()
"""Nothing was told."""
