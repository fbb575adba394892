"""Refuse tiles: each gate in its turn, the first that applies gives the reason, and the number that led to it.

The order, and why: what hides everything else comes first. A hole; a moving stage; no light in the whole view; clipped
colours; then glass, of which nothing more can be said. A view in a foreign stain comes before ink, since another hue
looks like ink tile by tile; ink before focus, since ink over glass is smooth; focus before smoothness, which it
explains. What is left is odd in one tile alone: too dark in a bright view, a foreign stain.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import FocusGate

from .chosen import Gates
from .focus import Focus
from .light import refuse_clipped_and_glass, refuse_dark
from .looked import UNCALIBRATED, Instrument, Looked
from .reasons import (
    ANISOTROPY,
    DISTANCE,
    FOREIGN_STAIN,
    INK,
    MOVING,
    NO_DATA,
    OUT_OF_FOCUS,
    PEN_OR_DIRT,
    ROUGHNESS,
    SHARPNESS,
)
from .stain_view import refuse_foreign_view


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
        dark = refuse_dark(found, gates, instrument, is_view)
        refuse_clipped_and_glass(found, gates, instrument, is_view)
        distances = refuse_foreign_view(found, gates, instrument, is_view)
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


def _refuse_smeared(found: Looked, gates: Gates, focus: Focus | None) -> None:
    """Refuse a view that differs along one axis only."""
    if focus is None or gates.motion is None or len(found.reasons) < gates.motion.min_tiles:
        return
    if 0 < gates.motion.max_anisotropy < focus.anisotropy:
        found.refuse(found.free.copy(), MOVING, ANISOTROPY, focus.anisotropy)


def _refuse_ink(found: Looked, gates: Gates) -> None:
    if gates.pen is not None and found.free.any():
        ink = found.sample.ink_share(gates.pen.green_ratio, gates.pen.min_excess, gates.pen.red_excess)
        found.refuse(ink > gates.pen.max_ink_share, PEN_OR_DIRT, INK, ink)


def _refuse_blurred(found: Looked, gate: FocusGate, instrument: Instrument, focus: Focus) -> None:
    limit = max(gate.min_sharpness, gate.of_baseline * (instrument.sharpness or 0.0))
    sharpness = np.where(focus.contrast < gate.min_contrast, 0, focus.sharpness)
    found.refuse(sharpness < limit, OUT_OF_FOCUS, SHARPNESS, sharpness)
