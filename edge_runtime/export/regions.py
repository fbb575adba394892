"""What is called carcinoma, as shapes: the tiles of that label, joined where they touch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from .ground import STEP_UM, Ground

if TYPE_CHECKING:
    from shapely import Polygon


@dataclass(frozen=True)
class Region:
    """One shape."""

    outline: Polygon
    """µm of the mosaic."""
    highest: float
    """Probability of its most suspicious tile."""
    mean: float
    """Of its places."""


def regions_of(ground: Ground) -> list[Region]:
    """Return the regions, the largest first; places that touch by a corner alone are two."""
    count, marked = cv2.connectedComponents(ground.positive.astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    numbers = np.asarray(marked, np.int32)
    found = [_region(part, ground, *corner) for part, corner in _parts(count, numbers)]
    return sorted(found, key=lambda region: -region.outline.area)


def _parts(count: int, numbers: NDArray[np.int32]) -> Iterator[tuple[NDArray[np.bool_], tuple[int, int]]]:
    """Yield each component as bool (h, w), and (top, left) of it in the map."""
    if count < 2:
        return
    rows, columns = np.nonzero(numbers)
    which = numbers[rows, columns]
    order = np.argsort(which, kind="stable")
    ends = np.cumsum(np.bincount(which, minlength=count)[1:])
    for begin, end in zip([0, *ends[:-1]], ends, strict=True):
        y, x = rows[order[begin:end]], columns[order[begin:end]]
        part = np.zeros((y.max() - y.min() + 1, x.max() - x.min() + 1), bool)
        part[y - y.min(), x - x.min()] = True
        yield part, (int(y.min()), int(x.min()))


def _region(part: NDArray[np.bool_], ground: Ground, top: int, left: int) -> Region:
    import shapely

    edges = np.diff(np.pad(part.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    y, begin = np.nonzero(edges == 1)
    _, end = np.nonzero(edges == -1)
    runs = shapely.box((left + begin) * STEP_UM, (top + y) * STEP_UM, (left + end) * STEP_UM, (top + y + 1) * STEP_UM)
    outline = shapely.union_all(runs)
    said = ground.probability[top : top + part.shape[0], left : left + part.shape[1]][part]
    return Region(shapely.simplify(outline, 0.0), float(said.max()), float(said.mean()))
