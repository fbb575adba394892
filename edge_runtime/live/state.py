"""What the page shows of an instrument, as plain data: the answers of `/api/v1` are made of these."""

from __future__ import annotations

from dataclasses import dataclass, field

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
class TileState:
    """A tile of the view."""

    row: int
    """In the grid."""
    column: int
    """Likewise."""
    x: float
    """Left edge, as a share of the picture's width."""
    y: float
    """Top edge, as a share of its height."""
    probability: float | None = None
    """0..1; None where it was not judged."""
    label: str | None = None
    """By the operating point."""
    reason: str | None = None
    """Why it was not judged."""
    measure: str | None = None
    """What the reason goes by."""
    value: float | None = None
    """What was measured."""


@dataclass(frozen=True)
class ViewState:
    """What was said of one frame; its picture is `/api/v1/frames/{number}/picture`."""

    number: int
    """Counts views since the instrument was started; never falls."""
    frame: int
    """Number of the frame in its run; what a mark names."""
    source: str
    """What a person would call it."""
    width: int
    """Of the picture, px."""
    height: int
    """Likewise."""
    um_per_px: float | None
    """Of the picture that is shown; None where nobody knows."""
    tile_width: float
    """Of a tile, as a share of the picture's width."""
    tile_height: float
    """As a share of its height."""
    grid: tuple[int, int]
    """(rows, columns)."""
    tiles: tuple[TileState, ...]
    """Row by row."""
    looks: int = 1
    """How many looks at this field they rest on."""
    repeats: bool = False
    """Whether the view stands still, so that nothing was judged anew."""
    reason: str | None = None
    """Why the whole frame was not judged."""
    message: str | None = None
    """The sentence beside it."""


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
    focus: Gauge = Gauge(UNKNOWN, None)
    """How sharp the view is."""
    light: Gauge = Gauge(UNKNOWN, None)
    """How bright and even."""
    tissue: Gauge = Gauge(UNKNOWN, None)
    """How much of it could be judged."""
    board: BoardState = BoardState()
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
