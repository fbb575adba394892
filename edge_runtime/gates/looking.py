"""Refuse tiles: each gate in its turn, the first that applies gives the reason, and the number that led to it.

The order, and why: what hides everything else comes first. A hole; a moving stage; no light in the whole view; clipped
colours; then glass, of which nothing more can be said. A view in a foreign stain comes before ink, since another hue
looks like ink tile by tile; ink before focus, since ink over glass is smooth; focus before smoothness, which it
explains. What is left is odd in one tile alone: too dark in a bright view, a foreign stain.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import FocusGate
from edge_runtime.sample import Sample

from .chosen import Gates
from .focus import Focus
from .reasons import (
    ANISOTROPY,
    CLIPPED,
    DENSITY,
    DISTANCE,
    FOREIGN_STAIN,
    INK,
    LIGHT,
    MOVING,
    NO_DATA,
    NO_TISSUE,
    OUT_OF_FOCUS,
    PEN_OR_DIRT,
    ROUGHNESS,
    SATURATED,
    SHARPNESS,
    TOO_DARK,
)
from .stain import StainDistances

Numbers = NDArray[np.floating]


@dataclass(frozen=True)
class Instrument:
    """What a calibration says; None: not calibrated, the contract's own numbers hold."""

    glass_level: float | None = None
    """Grey level of bare glass in what the gates see, brightest channel: after a flat field, what that brings it to."""
    clipped_level: float | None = None
    """From which grey level on a channel is clipped in what the gates see, where a flat field moves it."""
    sharpness: float | None = None
    """Sharpness of tissue in focus: the median over tiles of `gates.measure_focus`."""


UNCALIBRATED = Instrument()
"""Nothing is known of the instrument."""


class Looked:
    """What was seen of n tiles: a reason each, or None, and the number that led to it."""

    def __init__(self, tiles: NDArray[np.uint8]) -> None:
        """Begin with no reason for uint8 tiles (n, h, w, 3), RGB."""
        self.reasons = np.full(len(tiles), None, object)
        """object (n,): a reason code, or None."""
        self.measures = np.full(len(tiles), None, object)
        """object (n,): the name of the measure that the reason goes by, or None."""
        self.values = np.full(len(tiles), np.nan)
        """float64 (n,): what was measured; NaN where no reason stands, or none goes by a number."""
        self.free = np.ones(len(tiles), bool)
        """bool (n,): which tiles have no reason."""
        self.has_data = np.ones(len(tiles), bool)
        """bool (n,): which tiles lie over no hole."""
        self._tiles = tiles

    @cached_property
    def sample(self) -> Sample:
        """The tiles, at least one, as the gates look at them."""
        return Sample(self._tiles)

    def refuse(self, which: NDArray[np.bool_], reason: str, measure: str | None, values: Numbers | float) -> None:
        """Give a reason to those of the tiles, bool (n,), that have none yet."""
        fresh = which & self.free
        if fresh.any():
            self.reasons[fresh], self.measures[fresh] = reason, measure
            self.values[fresh] = values[fresh] if isinstance(values, np.ndarray) else values
            self.free &= ~fresh


def look(
    tiles: NDArray[np.uint8],
    gates: Gates,
    instrument: Instrument = UNCALIBRATED,
    is_view: bool = False,
    focus: Focus | None = None,
    has_data: NDArray[np.bool_] | None = None,
) -> Looked:
    """Return what gates make of uint8 tiles (n, h, w, 3), RGB, at the model's scale.

    `is_view` tells that they are those of one view, under one light. `focus` is what the camera's own pixels say of
    them; `has_data` bool, n values, is False over holes.
    """
    found = Looked(tiles)
    if has_data is not None:
        found.has_data = has_data.ravel()
        found.refuse(~found.has_data, NO_DATA, None, np.nan)
    if found.free.any():
        dark = _refuse_dark(found, gates, instrument, is_view)
        _refuse_clipped_and_glass(found, gates, instrument, is_view)
        distances = _refuse_foreign_view(found, gates, instrument, is_view)
        _refuse_smeared(found, gates, focus)
        _refuse_ink(found, gates)
        if focus is not None and gates.focus is not None:
            _refuse_blurred(found, gates.focus, instrument, focus)
        elif gates.pen is not None and gates.pen.min_roughness:
            roughness = found.sample.roughness
            found.refuse(roughness < gates.pen.min_roughness, PEN_OR_DIRT, ROUGHNESS, roughness)
        if dark is not None:
            found.refuse(*dark)
        if distances is not None and gates.stain is not None:
            worst = distances.of_tiles()
            found.refuse(worst > gates.stain.max_tile, FOREIGN_STAIN, DISTANCE, worst)
    return found


def _refuse_dark(
    found: Looked, gates: Gates, instrument: Instrument, is_view: bool
) -> tuple[NDArray[np.bool_], str, str, Numbers] | None:
    """Refuse what has no light; return what is to be refused later, since ink and dirt come first.

    A dark tile in a bright view may be ink, and so may one without a texture.
    """
    if gates.dark is None:
        return None
    light = found.sample.light / (instrument.glass_level or gates.dark.white_level)
    dark = light < gates.dark.min_light
    if not dark.any():
        return None
    if is_view and dark[found.free].all():
        found.refuse(dark, TOO_DARK, LIGHT, light)
    elif not is_view:
        smooth = found.sample.roughness < (0.0 if gates.pen is None else gates.pen.min_roughness)
        found.refuse(dark & ~smooth, TOO_DARK, LIGHT, light)
    return dark, TOO_DARK, LIGHT, light


def _refuse_clipped_and_glass(found: Looked, gates: Gates, instrument: Instrument, is_view: bool) -> None:
    """Refuse tiles that lost their colour, glass, and the rest of a view that lost its colour on the whole."""
    clipped = None
    if gates.saturation is not None:
        level = _clipped_level(gates, instrument)
        clipped = found.sample.clipped_share(level, gates.saturation.stained_level)
        found.refuse(clipped > gates.saturation.max_share, SATURATED, CLIPPED, clipped)
    if gates.tissue is not None:
        density = found.sample.mean_density
        pale = density < gates.tissue.max_mean_density
        if pale.any():
            flat = found.sample.stained_share(gates.tissue.stained_density) < gates.tissue.max_stained_share
            found.refuse(pale & flat, NO_TISSUE, DENSITY, density)
    if is_view and clipped is not None and gates.saturation is not None:
        tissue = found.free | (found.reasons == SATURATED)
        mean = float(clipped[tissue].mean()) if tissue.any() else 0.0
        if mean > gates.saturation.max_share:
            found.refuse(tissue, SATURATED, CLIPPED, mean)


def _clipped_level(gates: Gates, instrument: Instrument) -> float:
    usual = 255.0 if gates.saturation is None else gates.saturation.clipped_level
    return instrument.clipped_level or usual


def _refuse_foreign_view(found: Looked, gates: Gates, instrument: Instrument, is_view: bool) -> StainDistances | None:
    """Refuse a whole view in a foreign stain; return how far each of its tiles is from the training tiles'.

    A view that reaches white is not judged as a whole: how bright its light is, is not known.
    """
    gate, free = gates.stain, found.free
    if gate is None or not free.any():
        return None
    light = found.sample.light
    brightest = float(light[found.has_data].max())
    distances = StainDistances(found.sample, gate, brightest if is_view else light)
    if is_view and np.count_nonzero(free) >= gate.min_tiles and brightest < _clipped_level(gates, instrument):
        if not distances.may_be_foreign(free, gate.min_textured / 2):  # half of the textured ones would have to be
            return distances
        textured = free & (found.sample.roughness >= gate.min_roughness)
        if np.count_nonzero(textured) >= gate.min_textured * np.count_nonzero(free):
            middle = distances.of_view(textured)
            if middle > gate.max_view:
                found.refuse(free.copy(), FOREIGN_STAIN, DISTANCE, middle)
    return distances


def _refuse_smeared(found: Looked, gates: Gates, focus: Focus | None) -> None:
    """Refuse a view that differs along one axis only."""
    if focus is not None and gates.motion is not None and 0 < gates.motion.max_anisotropy < focus.anisotropy:
        found.refuse(found.free.copy(), MOVING, ANISOTROPY, focus.anisotropy)


def _refuse_ink(found: Looked, gates: Gates) -> None:
    if gates.pen is not None and found.free.any():
        ink = found.sample.ink_share(gates.pen.green_ratio, gates.pen.min_excess, gates.pen.red_excess)
        found.refuse(ink > gates.pen.max_ink_share, PEN_OR_DIRT, INK, ink)


def _refuse_blurred(found: Looked, gate: FocusGate, instrument: Instrument, focus: Focus) -> None:
    limit = max(gate.min_sharpness, gate.of_baseline * (instrument.sharpness or 0.0))
    sharpness = np.where(focus.contrast < gate.min_contrast, 0, focus.sharpness)
    found.refuse(sharpness < limit, OUT_OF_FOCUS, SHARPNESS, sharpness)
