"""What the numbers of a gate must be."""

from __future__ import annotations

import math

from edge_runtime.errors import BadModelFile


def require(holds: bool, expected: str, gate: object) -> None:
    """Raise BadModelFile, in these words, where what a gate asks of its numbers does not hold."""
    if not holds:
        raise BadModelFile(f"expected a gate of {expected}, found {gate}")


def is_number(value: float, least: float) -> bool:
    """Return whether a value is finite and at least `least`."""
    return math.isfinite(value) and value >= least


def is_share(value: float) -> bool:
    """Return whether a value lies from 0 to 1."""
    return 0 <= value <= 1
