"""The period of a graduation: parallel lines at one distance, some of them perhaps longer, a few hidden or false."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .line_places import course_of, places_of, usual_step
from .rulings import Rulings

LEAST_LINES = 6
"""Fewer lines say too little of a period."""
LEAST_ON_GRID = 0.75
"""Share of the lines that must lie on the graduation."""
LEAST_FILLED = 0.7
"""Share of the graduation's places that must have a line."""
MOST_SCATTER = 0.05
"""Standard deviation of the lines about their places, in periods."""


@dataclass(frozen=True)
class Graduation:
    """Lines at one distance."""

    rulings: Rulings
    """Its lines, false ones left out."""
    numbers: NDArray[np.intp]
    """intp (n,): which place of the graduation each line has."""
    height: float
    """y of the turned picture at which the lines were measured."""
    period_px: float
    """From line to line, at a right angle to them: the mean over the graduation."""
    error_px: float
    """Standard error of that mean, by how the lines scatter."""
    scatter_px: float
    """Standard deviation of the lines about a smooth course."""
    unevenness: float
    """By which share the period differs between parts of the picture (a lens's distortion), half the range."""
    on_grid: float
    """Share of the lines seen that lie on it."""
    filled: float
    """Share of its places that have a line."""

    @property
    def is_sound(self) -> bool:
        """Whether the lines are many, regular and complete enough to be a graduation."""
        return (
            len(self.numbers) >= LEAST_LINES
            and self.on_grid >= LEAST_ON_GRID
            and self.filled >= LEAST_FILLED
            and self.scatter_px <= MOST_SCATTER * self.period_px
        )


def graduations(rulings: Rulings) -> list[Graduation]:
    """Return the graduations among some lines, those of most lines first; each lies at a height of its own."""
    found = []
    rest = rulings
    while len(rest.x) >= LEAST_LINES:
        height, crossing = _busiest(rest)
        if crossing.sum() < LEAST_LINES:
            break
        graduation = _measure(rest.keep(crossing), height)
        if graduation is not None:
            found.append(graduation)
        rest = rest.keep(~crossing)
    return found


def _busiest(rulings: Rulings) -> tuple[float, NDArray[np.bool_]]:
    """Return the height that most lines cross, the middle of such heights, and which lines cross it."""
    heights = np.arange(rulings.top.min(), rulings.bottom.max(), rulings.strip_px)
    crossing = (rulings.top[None] < heights[:, None]) & (heights[:, None] < rulings.bottom[None])
    count = crossing.sum(1)
    best = np.flatnonzero(count >= 0.95 * count.max())
    chosen = int(best[len(best) // 2])
    return float(heights[chosen]), crossing[chosen]


def _measure(rulings: Rulings, height: float) -> Graduation | None:
    """Return the graduation of lines that cross one height; None where no distance recurs."""
    rulings = rulings.keep(np.argsort(rulings.at(height)))
    x = rulings.at(height)
    start = usual_step(x)
    if start is None:
        return None
    numbers = places_of(x, *start)
    kept = numbers >= 0
    if kept.sum() < LEAST_LINES:
        return None
    course = course_of(x[kept], numbers[kept])
    lines, places = rulings.keep(kept), numbers[kept]
    slope = float(np.median(lines.slope))
    upright = 1 / math.sqrt(1 + slope**2)  # the lines lean by what the turn left over
    return Graduation(
        rulings=lines,
        numbers=places - places.min(),
        height=height,
        period_px=course.period * upright,
        error_px=course.error * upright,
        scatter_px=course.scatter,
        unevenness=course.unevenness,
        on_grid=float(kept.mean()),
        filled=len(places) / float(places.max() - places.min() + 1),
    )
