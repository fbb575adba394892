"""Which slides are there as tissue, tile beside tile, and not as a random few: the one rule of reports and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .decide_context import in_context
from .tiles import TileSet

DENSE = ("whole", "window")
"""Words of a CSV of splits, column `coverage`: all of a slide, one region of it; `sample` is random tiles."""
MEDIAN_SHARE = 0.5
"""Of its eight neighbours, from which the median tile of a dense slide has them."""
_FLAT = ((1.0,) * 3,) * 3


@dataclass(frozen=True)
class Dense:
    """The tiles of slides whose tiles lie side by side."""

    chosen: NDArray[np.bool_]
    """bool (n,)."""
    by: str
    """How they were told, in words."""


def dense_slides(data: TileSet, coverage: Mapping[str, str] | None = None) -> Dense:
    """Go by the coverage of each slide, where it is told of any; else by how many neighbours a slide's tiles have."""
    if coverage and any(coverage.values()):
        named = [slide for slide, word in coverage.items() if word in DENSE]
        return Dense(np.isin(data.patients, named), "whole and window slides, by the splits' column `coverage`")
    _, slide_of = np.unique(data.patients, return_inverse=True)
    medians = _medians(neighbour_shares(data), slide_of)
    words = "slides of which the median tile has at least half its eight neighbours"
    return Dense((medians >= MEDIAN_SHARE)[slide_of], words)


def neighbour_shares(data: TileSet) -> NDArray[np.float32]:
    """Return float32 (n,), 0..1: the share of its eight neighbours that each tile has; 0 where its place is unknown."""
    return in_context(data, np.zeros(len(data), np.float32), _FLAT).support


def _medians(values: NDArray[np.float32], group_of: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the median of each group of values (n,); group_of: (n,), from 0, none empty."""
    ordered = values[np.lexsort((values, group_of))]
    sizes = np.bincount(group_of)
    first = np.cumsum(sizes) - sizes
    return np.asarray((ordered[first + (sizes - 1) // 2] + ordered[first + sizes // 2]) / 2, np.float32)
