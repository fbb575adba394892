"""Refuse what has too little light, what has so much that its colours are lost, and glass."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .chosen import Gates
from .looked import Instrument, Looked, Numbers
from .reasons import CLIPPED, DENSITY, LIGHT, NO_TISSUE, SATURATED, TOO_DARK


def refuse_dark(
    found: Looked, gates: Gates, instrument: Instrument, is_view: bool
) -> tuple[NDArray[np.bool_], str, str, Numbers] | None:
    """Refuse what has no light; return what is to be refused later, since ink and dirt come first.

    A dark tile in a bright view may be ink, and so may one without a texture.
    """
    if gates.dark is None:
        return None
    light = found.sample.light / (instrument.glass_level or gates.dark.white_level)
    dark = light < gates.dark.min_light
    if not np.count_nonzero(dark):
        return None
    if is_view and dark[found.free].all():
        found.refuse(dark, TOO_DARK, LIGHT, light)
    elif not is_view:
        smooth = found.sample.roughness < (0.0 if gates.pen is None else gates.pen.min_roughness)
        found.refuse(dark & ~smooth, TOO_DARK, LIGHT, light)
    return dark, TOO_DARK, LIGHT, light


def refuse_clipped_and_glass(found: Looked, gates: Gates, instrument: Instrument, is_view: bool) -> None:
    """Refuse tiles that lost their colour, glass, and the rest of a view that lost its colour on the whole."""
    clipped = None
    if gates.saturation is not None:
        level = clipped_level(gates, instrument)
        clipped = found.sample.clipped_share(level, gates.saturation.stained_level)
        found.refuse(clipped > gates.saturation.max_share, SATURATED, CLIPPED, clipped)
    if gates.tissue is not None:
        density = found.sample.mean_density
        pale = density < gates.tissue.max_mean_density
        if np.count_nonzero(pale):
            flat = found.sample.stained_share(gates.tissue.stained_density) < gates.tissue.max_stained_share
            found.refuse(pale & flat, NO_TISSUE, DENSITY, density)
    if is_view and clipped is not None and gates.saturation is not None and np.count_nonzero(clipped):
        tissue = found.free | (found.reasons == SATURATED)
        mean = float(clipped[tissue].mean()) if tissue.any() else 0.0
        if mean > gates.saturation.max_share:
            found.refuse(tissue, SATURATED, CLIPPED, mean)


def clipped_level(gates: Gates, instrument: Instrument) -> float:
    """Return the grey level from which on a channel counts as clipped."""
    usual = 255.0 if gates.saturation is None else gates.saturation.clipped_level
    return instrument.clipped_level or usual
