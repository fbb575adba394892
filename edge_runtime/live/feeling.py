"""How the instrument feels, as three bars: focus, light, tissue. By what the gates measured, and the alarms."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.alarms import (
    COLOUR_DRIFT,
    CONDENSATION,
    LAMP_BRIGHT,
    LAMP_DIM,
    SOFT_FOCUS,
    UNEVEN_LIGHT,
    Alarm,
)
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.gates import (
    MOVING,
    NO_DATA,
    NO_TISSUE,
    OUT_OF_FOCUS,
    PEN_OR_DIRT,
    SATURATED,
    TOO_DARK,
    UNKNOWN_SCALE,
    Focus,
    Gates,
    Instrument,
    measure_focus,
)
from edge_runtime.gates.looked import UNCALIBRATED
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult

from .state import BAD, GOOD, POOR, UNKNOWN, Gauge

SHARP = 0.6
"""Sharpness of tissue in focus, the middle of training slides: a full bar where no baseline says another."""
SOFT_BELOW = 2 / 3
"""Of a full bar: a good hand gets further."""
SMOOTH_S = 0.4
"""What is older weighs less by e: a bar that jumps helps nobody."""
_FORGETS_S = 2.0
_NO_DETAIL = (NO_TISSUE, NO_DATA, PEN_OR_DIRT)
_PASSING = (NO_TISSUE, MOVING)
"""What a stage that moves on puts right."""
_CLIPPED, _MOST_CLIPPED = 254, 0.2
_LIGHT_ALARMS = (LAMP_DIM, LAMP_BRIGHT, UNEVEN_LIGHT, COLOUR_DRIFT)
_PLACES = 90
_BLIND_GRID = (4, 6)
_BLIND_NEAR_PX = 2.0


NOTHING = Gauge(UNKNOWN, None)
"""Nothing was measured."""


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
        self._focus, self._light = _Smooth(), _Smooth()
        self._last = Gauges()

    def works_with(self, gates: Gates, instrument: Instrument = UNCALIBRATED) -> None:
        """Take the gates that are at work, and what a calibration tells them."""
        self._gates, self._instrument = gates, instrument

    def of(self, frame: Frame | None, result: FrameResult, at_s: float) -> Gauges:
        """Return the bars after a view; `frame` None: only what was seen of it is there."""
        seen = result.seen
        focus, light = self._last.focus, self._last.light
        if seen is not None:
            focus = self._focus_of(seen.measured.focus, result, at_s)
            light = self._light_of(seen.field.pixels, result, at_s)
        elif frame is not None and result.reason is not None:
            focus = self._blind_focus(frame.pixels, at_s)
            light = self._light_of(frame.pixels, result, at_s)
        self._last = Gauges(focus, light, tissue_of(result))
        return self._last

    def _focus_of(self, measured: Focus | None, result: FrameResult, at_s: float) -> Gauge:
        gate = self._gates.focus
        if measured is None or gate is None:
            return NOTHING
        tissue = np.array([tile.reason not in _NO_DETAIL for tile in result.tiles], bool)
        if not tissue.any():
            self._focus.forget()
            return Gauge(UNKNOWN, None, NO_TISSUE)
        sharp = np.where(measured.contrast < gate.min_contrast, 0, measured.sharpness)[tissue]
        full = self._instrument.sharpness or SHARP
        found = float(np.median(sharp))
        value = self._focus.add(min(1.0, max(0.0, found / full)), at_s)
        limit = max(gate.min_sharpness, gate.of_baseline * (self._instrument.sharpness or 0.0))
        alarm = _first(result.alarms, (SOFT_FOCUS, CONDENSATION))
        if all(tile.reason == MOVING for tile in result.tiles):
            return Gauge(UNKNOWN, value)  # a smear is no fault of the focus
        if found < limit:
            return Gauge(BAD, value, OUT_OF_FOCUS)
        if alarm is not None or value < SOFT_BELOW:
            return Gauge(POOR, value, alarm or SOFT_FOCUS)
        return Gauge(GOOD, value)

    def _blind_focus(self, pixels: NDArray[np.uint8], at_s: float) -> Gauge:
        """Return a bar that grows with sharpness where nobody knows the scale, so that it has no limit."""
        gate = self._gates.focus
        measured = None if gate is None else measure_focus(pixels, gate.near_um / _BLIND_NEAR_PX, _BLIND_GRID, gate)
        if gate is None or measured is None:
            return NOTHING
        seen = measured.sharpness[measured.contrast >= gate.min_contrast]
        if not len(seen):
            self._focus.forget()
            return NOTHING
        return Gauge(UNKNOWN, self._focus.add(min(1.0, max(0.0, float(np.median(seen)))), at_s))

    def _light_of(self, pixels: NDArray[np.uint8], result: FrameResult, at_s: float) -> Gauge:
        step = max(1, min(pixels.shape[:2]) // _PLACES)
        sample = pixels[::step, ::step]
        brightest = float(sample.max(2).max(0).mean())
        dark = self._gates.dark
        white = self._instrument.glass_level or (dark.white_level if dark is not None else max(GLASS_RGB))
        value = self._light.add(min(1.0, brightest / white), at_s)
        reasons = {tile.reason for tile in result.tiles}
        alarm = _first(result.alarms, _LIGHT_ALARMS)
        if TOO_DARK in reasons or (dark is not None and brightest < dark.min_light * white):
            return Gauge(BAD, value, TOO_DARK)
        if SATURATED in reasons or float((sample.min(2) >= _CLIPPED).mean()) > _MOST_CLIPPED:
            return Gauge(BAD if SATURATED in reasons else POOR, value, SATURATED)
        return Gauge(GOOD, value) if alarm is None else Gauge(POOR, value, alarm)


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


def _first(alarms: tuple[Alarm, ...], reasons: tuple[str, ...]) -> str | None:
    standing = {alarm.reason for alarm in alarms}
    return next((reason for reason in reasons if reason in standing), None)


class _Smooth:
    """A number that follows what is measured, by SMOOTH_S."""

    def __init__(self) -> None:
        self._value, self._at = math.nan, -math.inf

    def add(self, value: float, at_s: float) -> float:
        """Take what was measured at a time, s, and return the number."""
        passed = at_s - self._at
        if math.isnan(self._value) or passed > _FORGETS_S:
            self._value = value
        else:
            self._value += (value - self._value) * (1 - math.exp(-max(0.0, passed) / SMOOTH_S))
        self._at = at_s
        return self._value

    def forget(self) -> None:
        """Begin anew with the next one."""
        self._value = math.nan
