"""A number that follows what is measured, so that a bar moves and does not jump."""

from __future__ import annotations

import math

SMOOTH_S = 0.4
"""What is older weighs less by e: a bar that jumps helps nobody."""
_FORGETS_S = 2.0


class Smooth:
    """Follows by SMOOTH_S."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._value, self._at = math.nan, -math.inf

    def add(self, value: float, at_s: float) -> float:
        """Take what was measured at a time, s, and return the number."""
        passed = at_s - self._at
        if math.isnan(self._value) or passed > _FORGETS_S:
            self._value = value
        else:
            self._value += (value - self._value) * (1 - math.exp(-max(0.0, passed) / SMOOTH_S))
        self._at = at_s
        return self._value

    def forget(self) -> None:
        """Begin anew with the next one."""
        self._value = math.nan
