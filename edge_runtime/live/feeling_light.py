"""The bar of light: how bright the brightest of a view is, against clear glass under full light."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_runtime.alarms import COLOUR_DRIFT, LAMP_BRIGHT, LAMP_DIM, UNEVEN_LIGHT
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.gates import SATURATED, TOO_DARK, Gates, Instrument
from edge_runtime.results import FrameResult

from .smooth import Smooth
from .state_parts import BAD, GOOD, POOR, Gauge

_CLIPPED, _MOST_CLIPPED = 254, 0.2
_ALARMS = (LAMP_DIM, LAMP_BRIGHT, UNEVEN_LIGHT, COLOUR_DRIFT)
_PLACES = 90


class LightBar:
    """Follows the views smoothly."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._smooth = Smooth()

    def of(
        self, pixels: NDArray[np.uint8], result: FrameResult, gates: Gates, instrument: Instrument, at_s: float
    ) -> Gauge:
        """Return the bar after a view of uint8 pixels (h, w, 3), RGB."""
        step = max(1, min(pixels.shape[:2]) // _PLACES)
        sample = pixels[::step, ::step]
        brightest = float(sample.max(2).max(0).mean())
        dark = gates.dark
        white = instrument.glass_level or (dark.white_level if dark is not None else max(GLASS_RGB))
        value = self._smooth.add(min(1.0, brightest / white), at_s)
        reasons = {tile.reason for tile in result.tiles}
        standing = {alarm.reason for alarm in result.alarms}
        alarm = next((reason for reason in _ALARMS if reason in standing), None)
        if TOO_DARK in reasons or (dark is not None and brightest < dark.min_light * white):
            return Gauge(BAD, value, TOO_DARK)
        if SATURATED in reasons or float((sample.min(2) >= _CLIPPED).mean()) > _MOST_CLIPPED:
            return Gauge(BAD if SATURATED in reasons else POOR, value, SATURATED)
        return Gauge(GOOD, value) if alarm is None else Gauge(POOR, value, alarm)
