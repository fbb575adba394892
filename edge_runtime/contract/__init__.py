"""What a model file promises: the one place for scale, tile size, normalization, labels, thresholds and versions."""

from __future__ import annotations

from .contract import CONTRACT_VERSION, READABLE_VERSIONS, Contract, contract_from_json
from .gates import DarkGate, FocusGate, MotionGate, PenGate, SaturationGate, StainGate, StainSide, TissueGate
from .modes import BALANCED, CONTEXT, SENSITIVITY, TILE, Calibration, Context, Mode, OperatingPoint
from .stain import StainNormalization, StainProfile

__all__ = [
    "BALANCED",
    "CONTEXT",
    "CONTRACT_VERSION",
    "READABLE_VERSIONS",
    "SENSITIVITY",
    "TILE",
    "Calibration",
    "Context",
    "Contract",
    "DarkGate",
    "FocusGate",
    "Mode",
    "MotionGate",
    "OperatingPoint",
    "PenGate",
    "SaturationGate",
    "StainGate",
    "StainNormalization",
    "StainProfile",
    "StainSide",
    "TissueGate",
    "contract_from_json",
]
