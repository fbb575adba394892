"""The context stage: carcinoma is contiguous, so each tile is judged in the light of its neighbours.

A tile's logit becomes the weighted mean of those around it, over whichever of them were judged (a normalized
convolution, Knutsson & Westin 1993). An isolated tile keeps its own logit, and is read as tile mode reads it; a tile
with all its neighbours is read as context mode; in between, both are blended by the share of the neighbours there.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Kernel = tuple[tuple[float, ...], ...]
"""As Context.kernel of the contract."""

MAX_PLACE_PX = 2**30
"""A tile whose place is not below this has none: at 4 µm per px that is four kilometres of tissue."""

_DUST = 1e-5
"""Less weight than this is rounding."""

_DIRECT_SIDE = 9
"""OpenCV convolves with a larger kernel through a Fourier transform, which rounds."""

_SPAN = 2**31
"""Wider than any line of tiles with its neighbours, px, so that lines have keys of their own."""


@dataclass(frozen=True)
class InContext:
    """What n tiles, or a grid of them, became."""

    logits: NDArray[np.float32]
    """float32: weighted mean with the neighbours; a tile that was not judged keeps NaN."""
    support: NDArray[np.float32]
    """float32, likewise: share of the neighbours' weight that was there, 0..1; the tile itself does not count."""


@dataclass(frozen=True)
class Grid:
    """The tiles of a frame, row by row: all lie a grid step apart."""

    rows: int
    columns: int

    def in_context(self, kernel: Kernel, logits: NDArray[np.float32], judged: NDArray[np.bool_]) -> InContext:
        """Run the stage over float32 logits (n,) and bool judged (n,), n = rows * columns."""
        shape = self.rows, self.columns
        found = over_grid(kernel, logits.reshape(shape), judged.reshape(shape))
        return InContext(found.logits.ravel(), found.support.ravel())


@dataclass(frozen=True)
class Places:
    """Where n tiles lie: of any number of slides, in any order, on a grid or off it."""

    slides: NDArray[np.integer]
    """(n,), not negative: the slide, or the field of a slide, of each tile; others hold no neighbour of it."""
    xs: NDArray[np.integer]
    """(n,): left edge, px; negative where the place is not known: such a tile is isolated."""
    ys: NDArray[np.integer]
    """(n,): top edge, likewise."""
    step_px: int
    """How far apart neighbours lie, px. One that does not lie exactly there is none."""

    def in_context(self, kernel: Kernel, logits: NDArray[np.float32], judged: NDArray[np.bool_]) -> InContext:
        """Run the stage over float32 logits (n,) and bool judged (n,)."""
        return over_places(kernel, logits, judged, self)


def alone(logits: NDArray[np.float32]) -> InContext:
    """Return tiles as if none had a neighbour: tile mode."""
    return InContext(logits, np.zeros(logits.shape, np.float32))


def over_grid(kernel: Kernel, logits: NDArray[np.float32], judged: NDArray[np.bool_]) -> InContext:
    """Run the stage over a dense grid: float32 logits (rows, columns), bool judged (rows, columns)."""
    neighbours = _neighbours(kernel)
    planes = np.empty((*logits.shape, 2), np.float32)
    planes[..., 0] = np.where(judged, logits, np.float32(0))
    planes[..., 1] = judged
    sums = np.asarray(cv2.filter2D(planes, -1, neighbours, borderType=cv2.BORDER_CONSTANT), np.float32)
    if len(kernel) > _DIRECT_SIDE:
        sums[sums[..., 1] < _DUST] = 0
    return _mean(neighbours, logits, sums[..., 0], sums[..., 1])


def over_places(kernel: Kernel, logits: NDArray[np.float32], judged: NDArray[np.bool_], places: Places) -> InContext:
    """Run the stage over float32 logits (n,) of tiles wherever they lie; memory grows with n, not with the slide.

    Where several tiles have one place, as in an archive that holds itself twice, the first that was judged is the
    others' neighbour, and none is a neighbour of its copies.
    """
    placed = (np.minimum(places.xs, places.ys) >= 0) & (np.maximum(places.xs, places.ys) < MAX_PLACE_PX)
    present = judged & placed
    if not present.any():
        return alone(logits)
    neighbours, xs = _neighbours(kernel), places.xs.astype(np.int64)
    lines = places.slides.astype(np.int64) * _SPAN + places.ys  # a line: the tiles of one slide that share their y
    known_lines, _ = _distinct(lines[present])
    own_line, _ = _find(known_lines, lines)
    known_cells, first = _distinct((own_line * _SPAN + xs)[present])
    values = logits[present][first]
    sums, weights = np.zeros((2, len(logits)), np.float32)
    reach = neighbours.shape[0] // 2
    for row, line in enumerate(neighbours):
        there, on_a_line = _find(known_lines, lines + (row - reach) * places.step_px)
        for column in np.flatnonzero(line):
            at, hit = _find(known_cells, there * _SPAN + xs + (column - reach) * places.step_px)
            weight = line[column] * (hit & on_a_line & placed)
            sums += weight * values[at]
            weights += weight
    return _mean(neighbours, logits, sums, weights)


@functools.lru_cache(maxsize=16)
def _neighbours(kernel: Kernel) -> NDArray[np.float32]:
    """Return the weights of the neighbours for a weight of 1 of the tile itself; its own is left out."""
    weights = np.asarray(kernel, np.float64)
    middle = len(kernel) // 2
    weights = weights / weights[middle, middle]
    weights[middle, middle] = 0
    return weights.astype(np.float32)


def _mean(
    neighbours: NDArray[np.float32],
    logits: NDArray[np.float32],
    sums: NDArray[np.float32],
    weights: NDArray[np.float32],
) -> InContext:
    return InContext((logits + sums) / (1 + weights), np.minimum(weights / neighbours.sum(), np.float32(1)))


def _distinct(keys: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return keys, one at least, sorted, each once, and where each came first; np.unique's first call takes 15 ms."""
    order = np.argsort(keys, kind="stable")
    ranked = keys[order]
    new = np.append(True, ranked[1:] != ranked[:-1])
    return ranked[new], order[new]


def _find(known: NDArray[np.int64], wanted: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where in sorted keys others lie, and whether they do at all."""
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1).astype(np.int64)
    return at, np.asarray(known[at] == wanted)
