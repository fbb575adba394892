"""The places of parallel lines along an axis: which distance recurs, which place each line has, how they run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LEAST_FOR_BEND = 9
"""Lines that it takes to see a lens bend the scale."""
_SAME_SHARE = 0.08
"""Two distances are one when they differ by less than this share of them."""
_NEAR_SHARE = 0.15
"""A line belongs to the graduation when it lies within this share of a period of its place."""


def usual_step(x: NDArray[np.float64]) -> tuple[float, int] | None:
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


def places_of(x: NDArray[np.float64], period: float, start: int) -> NDArray[np.intp]:
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
class Course:
    """How the places of a graduation run over a picture, px."""

    period: float
    """From one to the next, the mean."""
    error: float
    """Standard error of that."""
    scatter: float
    """Standard deviation of the lines about a smooth course."""
    unevenness: float
    """By which share the distance differs between parts of the picture, half the range."""


def course_of(x: NDArray[np.float64], numbers: NDArray[np.intp]) -> Course:
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
    return Course(period, error, scatter, float(np.ptp(local) / 2 / period) if degree > 1 else 0.0)
