"""What the page shows of an instrument, as plain data: the answers of `/api/v1` are made of these."""

from __future__ import annotations

from dataclasses import dataclass, field

from .state_parts import NOTHING, UNTOLD, AlarmState, BoardState, CalibrationState, Gauge, RecordingState

STARTING, RUNNING, NEEDS_CALIBRATION, CALIBRATING, ENDED, FAILED = PHASES = (
    "starting",
    "running",
    "needs_calibration",
    "calibrating",
    "ended",
    "failed",
)
"""`needs_calibration`: pictures are shown, and not judged, since nobody knows their scale. `ended`: the source has no
more frames. `failed`: the camera gave up; it is tried again."""


@dataclass(frozen=True)
class State:
    """The instrument, now."""

    phase: str
    """One of PHASES."""
    message: str | None
    """What to do about the phase; None where nothing is."""
    software: str
    """Version of this program."""
    at: str
    """ISO 8601, UTC."""
    source: str
    """As a person gave it."""
    model: str
    """Name of the model file."""
    model_sha256: str
    """Of it."""
    operating_point: str
    """Which threshold makes the labels."""
    threshold: float
    """That threshold as a probability."""
    labels: tuple[str, ...]
    """Of the contract; the last is carcinoma."""
    note: str
    """That it is no diagnosis."""
    newest: int | None = None
    """Number of the newest view."""
    age_s: float | None = None
    """How old that view is."""
    fps: float = 0.0
    """Frames judged a second, over the last seconds."""
    frames: int = 0
    """Since it was started."""
    dropped: int = 0
    """Frames of the camera that nobody judged, since it was started."""
    tiles: int = 0
    """In the newest view."""
    judged: int = 0
    """Of these."""
    positive: int = 0
    """Of these, by the operating point."""
    reasons: dict[str, int] = field(default_factory=dict)
    """Why the others were not judged."""
    focus: Gauge = NOTHING
    """How sharp the view is."""
    light: Gauge = NOTHING
    """How bright and even."""
    tissue: Gauge = NOTHING
    """How much of it could be judged."""
    board: BoardState = UNTOLD
    """The computer."""
    alarms: tuple[AlarmState, ...] = ()
    """Those that stand."""
    recording: RecordingState | None = None
    """The session; None: nothing is being recorded."""
    can_record: bool = False
    """Whether there is a folder for sessions."""
    calibration: CalibrationState | None = None
    """None: the instrument is not calibrated."""
    watchers: int = 0
    """Browsers that watch."""
