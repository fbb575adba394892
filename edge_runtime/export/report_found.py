"""What a report finds in a session: its fields, marks and sums; no more than a few pages show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from edge_runtime.session.stored import StoredFrame

from .report_alarms import AlarmsSeen

MOST_WORST, LEAST_WORST = 12, 4
"""Fields that are shown, worst first; the second, also where no tile of them is called positive."""
MOST_MARKED = 24
"""Marked fields that are shown; the others are named."""
MOST_LINES = 100
"""Rows of a list of marks or of frames that were lost; the rest is counted."""


@dataclass(frozen=True)
class Mark:
    """What somebody marked."""

    frame: int
    """Number of the frame."""
    note: str
    """What they wrote of it."""


@dataclass
class SeenField:
    """A field: its looks, and the frames that repeat it, as one."""

    shown: StoredFrame
    """Its last look: what stands."""
    pictured: StoredFrame
    """Its first look, which has the thumbnail."""
    last: int
    """Number of its last frame."""
    marks: list[Mark] = field(default_factory=list)
    """On any of its frames."""

    def calls(self, label: str | None) -> bool:
        """Tell whether a tile of it has that label; True where nobody knows which label is meant."""
        return label is None or any(tile.result.label == label for tile in self.shown.tiles)

    @property
    def rank(self) -> tuple[float, int, int]:
        """What the worst field has most of: its highest probability, then tiles above one half; then the earlier."""
        found = [tile.result.probability for tile in self.shown.tiles if tile.result.probability is not None]
        return max(found, default=-1.0), sum(each >= 0.5 for each in found), -self.pictured.index


@dataclass
class Survey:
    """What a session holds, added up as `cancernet run` does: a field that was looked at often counts once."""

    frames: int = 0
    """All of them."""
    repeats: int = 0
    """Of these, such as repeat a field that stood still."""
    lost: Counter[str] = field(default_factory=Counter)
    """Of these, such as were not judged at all, by their reason."""
    lost_said: list[tuple[int, str, str]] = field(default_factory=list)
    """Number, reason and message of the first of them."""
    fields: int = 0
    """Views that were judged."""
    labels: Counter[str] = field(default_factory=Counter)
    """Tiles by their label."""
    fields_by_label: Counter[str] = field(default_factory=Counter)
    """Fields with a tile of that label."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Tiles that were not judged, by their reason."""
    highest: float | None = None
    """The highest probability of a tile."""
    modes: set[str] = field(default_factory=set)
    """tile or context."""
    scales: set[float] = field(default_factory=set)
    """µm per px of the camera's frames; the first few."""
    worst: list[SeenField] = field(default_factory=list)
    """The worst fields with any probability, worst first, at most MOST_WORST."""
    marked: list[SeenField] = field(default_factory=list)
    """Fields that somebody marked, in order, at most MOST_MARKED."""
    marks: list[Mark] = field(default_factory=list)
    """All marks, at most MOST_LINES."""
    mark_count: int = 0
    """How many marks there are."""
    alarms: AlarmsSeen = field(default_factory=AlarmsSeen)
    """While it was recorded."""
    began_at: str | None = None
    """When the first frame was recorded."""
    last_at: str | None = None
    """And the last."""
    dropped: int = 0
    """Frames of the camera that nobody judged."""
    hottest_c: float | None = None
    """Of the processor, °C."""
    gaps: int = 0
    """Numbers between the first frame and the last that the session does not have."""
