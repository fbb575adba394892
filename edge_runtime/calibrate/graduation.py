"""The period of a graduation: parallel lines at one distance, some of them perhaps longer, a few hidden or false."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rulings import Rulings

LEAST_LINES = 6
"""Fewer lines say too little of a period."""
_LEAST_FOR_BEND = 9
"""Lines that it takes to see a lens bend the scale."""
_SAME_SHARE = 0.08
"""Two distances are one when they differ by less than this share of them."""
_NEAR_SHARE = 0.15
"""A line belongs to the graduation when it lies within this share of a period of its place."""
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
    start = _usual_step(x)
    if start is None:
        return None
    numbers = _places(x, *start)
    kept = numbers >= 0
    if kept.sum() < LEAST_LINES:
        return None
    course = _course(x[kept], numbers[kept])
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


def _usual_step(x: NDArray[np.float64]) -> tuple[float, int] | None:
    """Return the distance that most neighbours have, and the first line of the longest run of it."""
    steps = np.diff(x)
    alike = np.abs(steps[:, None] - steps[None]) < _SAME_SHARE * steps[:, None]
    period = float(np.median(steps[alike[int(np.argmax(alike.sum(1)))]]))
    usual = np.abs(steps - period) < _SAME_SHARE * period
    edges = np.flatnonzero(np.diff(np.concatenate([[0], usual.astype(int), [0]])))
    runs = edges.reshape(-1, 2)
    if not len(runs):
        return None
    start, stop = runs[int(np.argmax(runs[:, 1] - runs[:, 0]))]
    return (period, int(start)) if stop - start >= 2 else None


def _places(x: NDArray[np.float64], period: float, start: int) -> NDArray[np.intp]:
    """Return intp (n,): the place of each line, from 1,000,000 on at line `start`; -1 for one that is on none.

    Walks outwards, each line by the last one that fitted: a lens's distortion bends the distances slowly.
    """
    places = np.full(len(x), -1, np.intp)
    places[start] = 1_000_000
    for way in (range(start + 1, len(x)), range(start - 1, -1, -1)):
        last, step = start, period
        for n in way:
            count = (x[n] - x[last]) / step
            whole = round(float(count))
            if whole != 0 and abs(count - whole) < _NEAR_SHARE * min(abs(whole), 2):
                places[n] = places[last] + whole
                step = 0.8 * step + 0.2 * (x[n] - x[last]) / whole
                last = n
    return places


@dataclass(frozen=True)
class _Course:
    """How the places of a graduation run over a picture, px."""

    period: float
    error: float
    scatter: float
    unevenness: float


def _course(x: NDArray[np.float64], numbers: NDArray[np.intp]) -> _Course:
    """Fit the lines' places: a line for the mean period, a cubic for what a lens bends, its residuals for the noise."""
    middle, half = (numbers.max() + numbers.min()) / 2, max(1.0, (numbers.max() - numbers.min()) / 2)
    u = (numbers - middle) / half
    degree = 3 if len(x) >= _LEAST_FOR_BEND else 1
    bent = np.polynomial.polynomial.polyfit(u, x, degree)
    residual = x - np.polynomial.polynomial.polyval(u, bent)
    scatter = float(np.sqrt((residual**2).sum() / max(1, len(x) - degree - 1)))
    period = float(np.polynomial.polynomial.polyfit(u, x, 1)[1] / half)
    local = np.polynomial.polynomial.polyval(np.linspace(-1, 1, 21), np.polynomial.polynomial.polyder(bent)) / half
    error = scatter / half / float(np.sqrt(((u - u.mean()) ** 2).sum()))
    return _Course(period, error, scatter, float(np.ptp(local) / 2 / period) if degree > 1 else 0.0)
