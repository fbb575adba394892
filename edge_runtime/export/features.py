"""How one view lies to another, by the points that both show: SIFT (Lowe 2004), then the overlap is looked at."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from .overlap import alike

MOST_POINTS = 800
"""Of a view; a tenth of them lie in an overlap of 10 %."""
CONTRAST = 0.02
"""Of a point at the least; half of OpenCV's default, since stroma at 4 µm per px is flat."""
CLEARER = 0.8
"""A point's nearest neighbour is believed where it is nearer than so much of the next (Lowe 2004)."""
WITHIN_PX = 1.5
"""Points that agree on how views lie agree within this."""
FEWEST_POINTS = 6
"""Fewer that agree may do so by chance."""
CLEAREST, FEW = 250, 3
"""Of a view's points so many are looked at first, and so many must agree for the others to be looked at."""
TURNED = 0.03
"""A stage moves straight: a match that turns or scales by more is none."""
ALIKE = 0.4
"""Correlation of the overlap from which on two views show the same there; of unlike ones it stays below .15."""
STAYS_PX = 0.75
"""Points that stay where they are in both views are dirt on the sensor; on glass there is nothing else. A stage that
stands gives looks at one view, not two views; one that came back finds its place by its neighbours."""


@dataclass(frozen=True)
class Points:
    """What is to be recognized of a view."""

    places: NDArray[np.float32]
    """float32 (n, 2): x, y, px; the clearest first."""
    looks: NDArray[np.uint8]
    """uint8 (n, 128): SIFT descriptors, which are whole numbers up to 255."""


@dataclass(frozen=True)
class Match:
    """How the second of two views lies to the first."""

    x: float
    """Of its left edge from that of the first, px."""
    y: float
    """Of its top edge."""
    points: int
    """How many points agree."""
    alike: float
    """Correlation of the overlap, -1..1."""


def points_of(grey: NDArray[np.uint8]) -> Points:
    """Return the points of a picture, uint8 (h, w)."""
    found, looks = cv2.SIFT.create(MOST_POINTS, contrastThreshold=CONTRAST).detectAndCompute(grey, None)
    if looks is None:
        return Points(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.uint8))
    order = np.argsort([-point.response for point in found], kind="stable")
    return Points(np.array([point.pt for point in found], np.float32)[order], looks.astype(np.uint8)[order])


def worth_trying(one: Points, other: Points) -> bool:
    """Tell, in a tenth of the time, whether `match` may find something: whether some of the clearest points agree."""
    first, second = (Points(points.places[:CLEAREST], points.looks[:CLEAREST]) for points in (one, other))
    here, there = _pairs(first, second)
    if len(here) < FEW:
        return False
    shifts = here - there
    shifts = shifts[np.hypot(*shifts.T) > STAYS_PX]
    if len(shifts) < FEW:
        return False
    near = np.abs(shifts[:, None] - shifts[None]).max(2) < 2 * WITHIN_PX
    return bool(near.sum(1).max() >= FEW)


def match(one: Points, other: Points, first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Match | None:
    """Return how the `second` picture, uint8 (h, w), lies to the `first`; None where nothing shows how."""
    here, there = _pairs(one, other)
    moves = np.hypot(*(here - there).T) > STAYS_PX
    found = _agreed(here[moves], there[moves])
    return None if found is None else _alike_enough(found, first, second)


def _pairs(one: Points, other: Points) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the places, float32 (n, 2) each, of points that look alike."""
    nothing = np.zeros((0, 2), np.float32)
    if min(len(one.places), len(other.places)) < FEWEST_POINTS:
        return nothing, nothing
    nearest = cv2.BFMatcher(cv2.NORM_L2).knnMatch(one.looks.astype(np.float32), other.looks.astype(np.float32), k=2)
    clear = [best for best, next_best in nearest if best.distance < CLEARER * next_best.distance]
    here, there = [best.queryIdx for best in clear], [best.trainIdx for best in clear]
    return one.places[here], other.places[there]


def _agreed(here: NDArray[np.float32], there: NDArray[np.float32]) -> Match | None:
    """Return the shift on which most points agree (RANSAC)."""
    if len(here) < FEWEST_POINTS:
        return None
    turn, among = cv2.estimateAffinePartial2D(
        here, there, method=cv2.RANSAC, ransacReprojThreshold=WITHIN_PX, maxIters=2000, confidence=0.999
    )
    if turn is None or abs(turn[0, 0] - 1) > TURNED or abs(turn[0, 1]) > TURNED:
        return None
    chosen = among.ravel().astype(bool)
    if chosen.sum() < FEWEST_POINTS:
        return None
    x, y = np.median((here - there)[chosen], axis=0).tolist()
    return Match(x, y, int(chosen.sum()), 0.0)


def _alike_enough(found: Match, first: NDArray[np.uint8], second: NDArray[np.uint8]) -> Match | None:
    found_alike = alike(first, second, found.x, found.y)
    if found_alike is None or found_alike < ALIKE:
        return None
    return Match(found.x, found.y, found.points, found_alike)
