"""The ways on which a stage visits a slide: from field to field, or past them without a stop."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from edge_runtime.cameras.stage import Box, serpentine


@dataclass(frozen=True)
class View:
    """Where the camera looks, px of the camera."""

    x: float
    """Left edge."""
    y: float
    """Top edge."""
    along: tuple[float, float] = (0.0, 0.0)
    """(x, y): which way the stage is going, unit length; (0, 0) when it stands."""


def fields(path: str, size: tuple[int, int], frame: tuple[int, int], seed: int = 0) -> list[Box]:
    """Return the fields of `frame` (height, width) that a stage visits on a slide of `size`, in the order of a path.

    No field is smaller than the sensor: the last of a row or column is moved back. `still` is the middle one alone.
    """
    boxes = serpentine(size, frame, smallest=frame)
    return _PATHS[path](boxes, seed)


def without_stop(boxes: Sequence[Box], step_px: float) -> Iterator[View]:
    """Yield what a camera sees that is moved from field to field at one speed: a view every `step_px` of the way."""
    rest = 0.0
    for one, other in itertools.pairwise(boxes):
        dx, dy = other.x - one.x, other.y - one.y
        length = math.hypot(dx, dy)
        at = rest
        while at < length:
            yield View(one.x + dx * at / length, one.y + dy * at / length, (dx / length, dy / length))
            at += step_px
        rest = at - length
    yield View(boxes[-1].x, boxes[-1].y)


def _rows(boxes: Sequence[Box]) -> dict[int, list[Box]]:
    rows: dict[int, list[Box]] = {}
    for box in boxes:
        rows.setdefault(box.y, []).append(box)
    return {y: sorted(rows[y], key=lambda box: box.x) for y in sorted(rows)}


def _raster(boxes: Sequence[Box], _: int) -> list[Box]:
    return [box for row in _rows(boxes).values() for box in row]


def _spiral(boxes: Sequence[Box], _: int) -> list[Box]:
    """Peel the grid from the outside, and go the other way: from the middle out."""
    grid = list(_rows(boxes).values())
    peeled: list[Box] = []
    while grid and grid[0]:
        peeled += grid.pop(0)
        grid = [list(row) for row in zip(*grid, strict=True)][::-1]  # turned by 90 degrees
    return peeled[::-1]


def _random(boxes: Sequence[Box], seed: int) -> list[Box]:
    order = np.random.default_rng([seed, 11]).permutation(len(boxes))
    return [boxes[place] for place in order]


def _still(boxes: Sequence[Box], _: int) -> list[Box]:
    middle_x, middle_y = (sum(values) / len(boxes) for values in ([box.x for box in boxes], [box.y for box in boxes]))
    return [min(boxes, key=lambda box: (math.hypot(box.x - middle_x, box.y - middle_y), box.y, box.x))]


_PATHS: dict[str, Callable[[Sequence[Box], int], list[Box]]] = {
    "serpentine": lambda boxes, _: list(boxes),
    "raster": _raster,
    "spiral": _spiral,
    "random": _random,
    "still": _still,
}
PATHS = tuple(_PATHS)
