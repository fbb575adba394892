"""Refuse a whole view in a foreign stain."""

from __future__ import annotations

import numpy as np

from .chosen import Gates
from .light import clipped_level
from .looked import Instrument, Looked
from .reasons import DISTANCE, FOREIGN_STAIN
from .stain import StainDistances


def refuse_foreign_view(found: Looked, gates: Gates, instrument: Instrument, is_view: bool) -> StainDistances | None:
    """Refuse a whole view in a foreign stain; return how far each of its tiles is from the training tiles'.

    A view that reaches white is not judged as a whole: how bright its light is, is not known.
    """
    gate, free = gates.stain, found.free
    if gate is None or not free.any():
        return None
    light = found.sample.light
    brightest = float(light[found.has_data].max())
    distances = StainDistances(found.sample, gate, brightest if is_view else light)
    if is_view and np.count_nonzero(free) >= gate.min_tiles and brightest < clipped_level(gates, instrument):
        if not distances.may_be_foreign(free, gate.min_textured / 2):  # half of the textured ones would have to be
            return distances
        textured = free & (found.sample.roughness >= gate.min_roughness)
        if np.count_nonzero(textured) >= gate.min_textured * np.count_nonzero(free):
            middle = distances.of_view(textured)
            if middle > gate.max_view:
                found.refuse(free.copy(), FOREIGN_STAIN, DISTANCE, middle)
    return distances
