"""What the frames so far come to, for the page's state."""

from __future__ import annotations

import time
from collections import Counter, deque

from edge_runtime.alarms import Alarm
from edge_runtime.heat import NORMAL
from edge_runtime.results import FrameResult
from edge_runtime.timing import Clock

from .state_view import ViewState

OVER_S = 5.0
"""The rate is that of the last seconds."""


class Counts:
    """Sums since the instrument was started. Written by the frames' thread, read by any."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        """Begin with nothing."""
        self._clock = clock
        self._judged_at: deque[float] = deque(maxlen=4096)
        self._began = clock()
        self.frames = self.dropped = 0
        """Frames, and those of the camera that nobody judged."""
        self.alarms: tuple[Alarm, ...] = ()
        """Those that stand."""
        self.heat_step = NORMAL.name
        """Where the board stands in the heat plan."""
        self.lost: FrameResult | None = None
        """The last frame, where it was lost; None where it came."""

    def add(self, result: FrameResult, is_there: bool) -> None:
        """Count a frame; `is_there` False: it was lost."""
        if not self.frames:
            self._began = self._clock()
        self.frames += 1
        self.lost = None if is_there else result
        self.alarms = result.alarms
        if result.reason is None:
            self._judged_at.append(self._clock())
        if result.circumstances is not None:
            self.dropped += result.circumstances.dropped_by_camera + result.circumstances.dropped_by_queue
            self.heat_step = result.circumstances.heat_step

    def fps(self) -> float:
        """Return the frames judged a second over the last seconds."""
        now = self._clock()
        recent = sum(1 for at in tuple(self._judged_at) if now - at <= OVER_S)
        return recent / min(OVER_S, max(1.0, now - self._began))


def tile_sums(view: ViewState, positive_label: str) -> tuple[int, int, int, dict[str, int]]:
    """Return a view's tiles, those judged, those positive, and why the others were not judged."""
    reasons = Counter(tile.reason for tile in view.tiles if tile.reason is not None)
    positive = sum(tile.label == positive_label for tile in view.tiles)
    return len(view.tiles), len(view.tiles) - reasons.total(), positive, dict(reasons)
