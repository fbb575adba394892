"""The bar of focus: how sharp tissue is, against a calibrated baseline or training slides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_runtime.alarms import CONDENSATION, SOFT_FOCUS
from edge_runtime.gates import (
    MOVING,
    NO_DATA,
    NO_TISSUE,
    OUT_OF_FOCUS,
    PEN_OR_DIRT,
    Focus,
    Gates,
    Instrument,
    measure_focus,
)
from edge_runtime.results import FrameResult

from .smooth import Smooth
from .state_parts import BAD, GOOD, NOTHING, POOR, UNKNOWN, Gauge

SHARP = 0.6
"""Sharpness of tissue in focus, the middle of training slides: a full bar where no baseline says another."""
SOFT_BELOW = 2 / 3
"""Of a full bar: a good hand gets further."""
_NO_DETAIL = (NO_TISSUE, NO_DATA, PEN_OR_DIRT)
_ALARMS = (SOFT_FOCUS, CONDENSATION)
_BLIND_GRID = (4, 6)
_BLIND_NEAR_PX = 2.0


class FocusBar:
    """Follows the views smoothly."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._smooth = Smooth()

    def of(
        self, measured: Focus | None, result: FrameResult, gates: Gates, instrument: Instrument, at_s: float
    ) -> Gauge:
        """Return the bar after a view that was judged, by what its gate measured."""
        gate = gates.focus
        if measured is None or gate is None:
            return NOTHING
        tissue = np.array([tile.reason not in _NO_DETAIL for tile in result.tiles], bool)
        if not tissue.any():
            self._smooth.forget()
            return Gauge(UNKNOWN, None, NO_TISSUE)
        sharp = np.where(measured.contrast < gate.min_contrast, 0, measured.sharpness)[tissue]
        full = instrument.sharpness or SHARP
        found = float(np.median(sharp))
        value = self._smooth.add(min(1.0, max(0.0, found / full)), at_s)
        limit = max(gate.min_sharpness, gate.of_baseline * (instrument.sharpness or 0.0))
        standing = {alarm.reason for alarm in result.alarms}
        alarm = next((reason for reason in _ALARMS if reason in standing), None)
        if all(tile.reason == MOVING for tile in result.tiles):
            return Gauge(UNKNOWN, value)  # a smear is no fault of the focus
        if found < limit:
            return Gauge(BAD, value, OUT_OF_FOCUS)
        if alarm is not None or value < SOFT_BELOW:
            return Gauge(POOR, value, alarm or SOFT_FOCUS)
        return Gauge(GOOD, value)

    def blind(self, pixels: NDArray[np.uint8], gates: Gates, at_s: float) -> Gauge:
        """Return a bar that grows with sharpness where nobody knows the scale, so that it has no limit."""
        gate = gates.focus
        measured = None if gate is None else measure_focus(pixels, gate.near_um / _BLIND_NEAR_PX, _BLIND_GRID, gate)
        if gate is None or measured is None:
            return NOTHING
        seen = measured.sharpness[measured.contrast >= gate.min_contrast]
        if not len(seen):
            self._smooth.forget()
            return NOTHING
        return Gauge(UNKNOWN, self._smooth.add(min(1.0, max(0.0, float(np.median(seen)))), at_s))
