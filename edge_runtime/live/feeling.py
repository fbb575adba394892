"""How the instrument feels, as three bars: focus, light, tissue. By what the gates measured, and the alarms."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.gates import MOVING, NO_DATA, NO_TISSUE, UNKNOWN_SCALE, Gates, Instrument
from edge_runtime.gates.looked import UNCALIBRATED
from edge_runtime.records import Field, Frame
from edge_runtime.results import FrameResult

from .feeling_focus import FocusBar
from .feeling_light import LightBar
from .state_parts import BAD, GOOD, NOTHING, POOR, UNKNOWN, Gauge

_PASSING = (NO_TISSUE, MOVING)
"""What a stage that moves on puts right."""


@dataclass(frozen=True)
class Gauges:
    """The bars of one view."""

    focus: Gauge = NOTHING
    """How sharp tissue is."""
    light: Gauge = NOTHING
    """How bright the brightest is, against clear glass under full light."""
    tissue: Gauge = NOTHING
    """Share of the tiles that could be judged."""


class Feeling:
    """Takes views in their order, some of all; the bars of focus and light follow them smoothly."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._gates, self._instrument = Gates(), UNCALIBRATED
        self._focus, self._light = FocusBar(), LightBar()
        self._last = Gauges()

    def works_with(self, gates: Gates, instrument: Instrument = UNCALIBRATED) -> None:
        """Take the gates that are at work, and what a calibration tells them."""
        self._gates, self._instrument = gates, instrument

    def of(self, frame: Frame | None, result: FrameResult, at_s: float) -> Gauges:
        """Return the bars after a view; `frame` None: only what was seen of it is there."""
        seen, gates, instrument = result.seen, self._gates, self._instrument
        focus, light = self._last.focus, self._last.light
        if seen is not None:
            focus = self._focus.of(seen.measured.focus, result, gates, instrument, at_s)
            shown = _shown(seen.field)
            if shown.size:
                light = self._light.of(shown, result, gates, instrument, at_s)
        elif frame is not None and result.reason is not None:
            focus = self._focus.blind(frame.pixels, gates, at_s)
            light = self._light.of(frame.pixels, result, gates, instrument, at_s)
        self._last = Gauges(focus, light, tissue_of(result))
        return self._last


def _shown(field: Field) -> NDArray[np.uint8]:
    """Return a field's pixels, uint8 (h, w, 3), with the holes of a stitched slide black: their white is no light."""
    if field.has_data is None:
        return field.pixels
    height, width = field.pixels.shape[:2]
    rows = np.searchsorted(field.tops, np.arange(height), "right").clip(1) - 1
    columns = np.searchsorted(field.lefts, np.arange(width), "right").clip(1) - 1
    has_data = field.has_data[rows][:, columns]
    seen = has_data.any(0)
    return np.where(has_data[:, seen, None], field.pixels[:, seen], np.uint8(0))


def tissue_of(result: FrameResult) -> Gauge:
    """Return how much of a view could be judged, with the reason that kept most of the rest from it."""
    if result.reason is not None:
        return Gauge(UNKNOWN if result.reason == UNKNOWN_SCALE else BAD, None, result.reason)
    reasons = Counter(tile.reason for tile in result.tiles if tile.reason != NO_DATA)
    total = reasons.total()
    if not total:
        return Gauge(UNKNOWN, None, NO_DATA if result.tiles else None)
    share = reasons.pop(None, 0) / total
    why = reasons.most_common(1)[0][0] if reasons else None
    if share >= 0.5:
        return Gauge(GOOD, share)
    return Gauge(POOR if share or why in _PASSING else BAD, share, why)
