"""The heat plan: a warm board works less by a plan that is written down, before its firmware slows it by accident.

A Raspberry Pi holds its clock back from 80 °C on, and more at 85 °C; then each frame takes longer, and nobody knows how
long. Here each frame takes as long as ever, and there is a rest after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HYSTERESIS_C = 3.0
"""A step is left when the board is this much cooler than where the step begins."""
LONGEST_PAUSE_S = 30.0
"""Nobody waits longer for a frame, however slow the board is."""


@dataclass(frozen=True)
class Step:
    """What is done from some temperature on."""

    name: str
    """As it stands in the records."""
    from_c: float
    """Where it begins, °C."""
    share: float
    """Of the time so much is spent on frames at most, above 0; the rest is rest."""


NORMAL = Step("normal", -273.15, 1.0)
STEPS = (NORMAL, Step("warm", 75.0, 0.5), Step("hot", 79.0, 0.25), Step("too_hot", 82.0, 0.05))
"""From cool to hot."""


class HeatPlan:
    """Follows a board's temperature from step to step, and says how long to rest after a frame."""

    def __init__(self, steps: Sequence[Step] = STEPS) -> None:
        """Take the steps, coolest first; the first one is where a board begins, and where one stays that is silent."""
        self._steps = tuple(steps)
        self._at = 0

    @property
    def step(self) -> Step:
        """Where the board is now."""
        return self._steps[self._at]

    def follow(self, cpu_c: float | None) -> Step:
        """Go where a temperature leads, °C: up at once, down when it is lower by the hysteresis. None leads nowhere."""
        if cpu_c is None:
            return self.step
        while self._at + 1 < len(self._steps) and cpu_c >= self._steps[self._at + 1].from_c:
            self._at += 1
        while self._at > 0 and cpu_c < self._steps[self._at].from_c - HYSTERESIS_C:
            self._at -= 1
        return self.step

    def pause_s(self, worked_s: float, rested_s: float) -> float:
        """Return how long to rest, s, after `worked_s` on a frame and `rested_s` of waiting for it."""
        wanted = worked_s * (1 / self.step.share - 1)
        return min(LONGEST_PAUSE_S, max(0.0, wanted - rested_s))
