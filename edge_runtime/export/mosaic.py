"""The views of a session as one picture, strip by strip, so that a slide of a thousand fields fits into a Pi."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.session.reading import Session
from edge_runtime.sinks.colours import LEVELS

from .ground import STEP_UM, Ground
from .placing import Placed, PlacedView
from .view_pictures import best_picture

PAPER = 255
"""Where there is no view: white, as glass."""
HELD_BYTES = 48 << 20
"""Pictures that are held for the next strip take no more than this."""

Rgb = NDArray[np.uint8]


class Mosaic:
    """The picture of all views at one scale, of which any strip can be had."""

    def __init__(self, session: Session, placed: Placed, um_per_px: float | None = None) -> None:
        """Take where the views lie; `um_per_px` None: the mosaic's full resolution."""
        self.um_per_px = placed.um_per_px if um_per_px is None else um_per_px
        self.shape = tuple(max(1, round(side / self.um_per_px)) for side in (placed.height_um, placed.width_um))
        """(height, width), px."""
        self.without_picture = 0
        """Views of which no picture was kept; they are left white."""
        self._boxes = sorted((self._box(view), n) for n, view in enumerate(placed.views))
        self._views = placed.views
        self._session = session
        largest = max(bottom - top for (top, bottom, _, _), _ in self._boxes)
        widest = max(right - left for (_, _, left, right), _ in self._boxes)
        self._picture = functools.lru_cache(max(2, HELD_BYTES // (3 * largest * widest)))(self._load)

    def strip(self, top: int, bottom: int) -> Rgb:
        """Return rows `top` to `bottom` as uint8 (h, w, 3), RGB; where views overlap, one fades into the other."""
        height, width = min(bottom, self.shape[0]) - top, self.shape[1]
        sums, weights = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
        for (first, last, left, right), number in self._boxes:
            y0, y1 = max(first, top), min(last, top + height)
            if y0 >= y1:
                continue
            picture = self._picture(number)
            if picture is None:
                continue
            weight = _weight(last - first, right - left)[y0 - first : y1 - first]
            part = np.s_[y0 - top : y1 - top, left:right]
            sums[part] += picture[y0 - first : y1 - first] * weight[..., None]
            weights[part] += weight
        seen = weights > 0
        np.divide(sums, weights[..., None], out=sums, where=seen[..., None])
        sums[~seen] = PAPER
        return np.asarray(np.rint(sums, out=sums).astype(np.uint8))

    def strips(self, height: int) -> Iterator[Rgb]:
        """Yield all strips of `height` rows, from the top; the last may be lower."""
        for top in range(0, self.shape[0], height):
            yield self.strip(top, top + height)

    def _box(self, placed: PlacedView) -> tuple[int, int, int, int]:
        """Return (top, bottom, left, right) of a view, px, within the mosaic."""
        sides = []
        for begin, length, most in (
            (placed.top_um, placed.height_um, self.shape[0]),
            (placed.left_um, placed.width_um, self.shape[1]),
        ):
            first = min(round(begin / self.um_per_px), most - 1)
            sides += [first, max(first + 1, min(most, first + max(1, round(length / self.um_per_px))))]
        return sides[0], sides[1], sides[2], sides[3]

    def _load(self, number: int) -> Rgb | None:
        view = self._views[number]
        found = best_picture(self._session, view.view, self.um_per_px)
        if found is None:
            self.without_picture += 1
            return None
        top, bottom, left, right = self._box(view)
        size = right - left, bottom - top
        method = cv2.INTER_AREA if found.shape[1] > size[0] else cv2.INTER_LINEAR
        if found.shape[1::-1] == size:
            return found
        return np.asarray(cv2.resize(found, size, interpolation=method), np.uint8)


@functools.lru_cache(8)
def _weight(height: int, width: int) -> NDArray[np.float32]:
    """Return float32 (h, w): how far each px is inside a view, from its nearest edge."""
    down, across = (np.minimum(np.arange(side) + 1, side - np.arange(side)) for side in (height, width))
    return np.minimum(down[:, None], across[None, :]).astype(np.float32)


def levels_strip(ground: Ground, um_per_px: float, width: int) -> Callable[[int, int], NDArray[np.uint8]]:
    """Return what gives rows `top` to `bottom` of the heat, uint8 (h, width): 0 not judged, else 1 to 255."""
    scaled = np.where(ground.judged, 1 + np.rint(np.nan_to_num(ground.probability) * (LEVELS - 1)), 0)
    levels = scaled.astype(np.uint8)
    columns = np.minimum(((np.arange(width) + 0.5) * um_per_px / STEP_UM).astype(int), levels.shape[1] - 1)

    def strip(top: int, bottom: int) -> NDArray[np.uint8]:
        rows = np.minimum(((np.arange(top, bottom) + 0.5) * um_per_px / STEP_UM).astype(int), len(levels) - 1)
        return np.asarray(levels[rows][:, columns])

    return strip
