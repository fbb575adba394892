"""Which tiles may be judged: tissue, sharp, well lit and stained as the model knows it; and why others may not."""

from __future__ import annotations

from .chosen import Gates, choose, gates_of
from .focus import Focus, measure_focus
from .keeper import Gatekeeper, Measured
from .looked import Instrument, Looked
from .looking import look
from .motion import Motion, motion_between, small_grey
from .reasons import (
    BAD_SCALE,
    EDGE,
    FOREIGN_STAIN,
    GATED,
    LOOKED_AT,
    MOVING,
    NO_DATA,
    NO_TISSUE,
    OUT_OF_FOCUS,
    PEN_OR_DIRT,
    SATURATED,
    TOO_DARK,
    UNKNOWN_SCALE,
    UNREADABLE,
)

__all__ = [
    "BAD_SCALE",
    "EDGE",
    "FOREIGN_STAIN",
    "GATED",
    "LOOKED_AT",
    "MOVING",
    "NO_DATA",
    "NO_TISSUE",
    "OUT_OF_FOCUS",
    "PEN_OR_DIRT",
    "SATURATED",
    "TOO_DARK",
    "UNKNOWN_SCALE",
    "UNREADABLE",
    "Focus",
    "Gatekeeper",
    "Gates",
    "Instrument",
    "Looked",
    "Measured",
    "Motion",
    "choose",
    "gates_of",
    "look",
    "measure_focus",
    "motion_between",
    "small_grey",
]
