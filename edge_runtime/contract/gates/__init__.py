"""The constants of the gates, a dataclass each: when a tile is refused. `edge_runtime.gates` measures by them.

A new gate is a dataclass here, whose numbers check themselves, one optional field of the Contract, and one line in
`edge_runtime.gates.chosen`. All optical densities are base e.
"""

from __future__ import annotations

from .focus_and_motion import FocusGate, MotionGate
from .light import DarkGate, SaturationGate
from .stain import StainGate, StainSide
from .tissue_and_pen import PenGate, TissueGate

__all__ = [
    "DarkGate",
    "FocusGate",
    "MotionGate",
    "PenGate",
    "SaturationGate",
    "StainGate",
    "StainSide",
    "TissueGate",
]
