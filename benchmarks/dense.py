"""Which slides of a split are there as tissue, tile beside tile, and not as a random few."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.decide_context import in_context
from train.tiles import TileSet

COVERAGE = "coverage"
"""Column of a CSV of splits: `whole`, `window` (one region of a slide) or `sample` (random tiles)."""
DENSE = ("whole", "window")
MEDIAN_SUPPORT = 0.5
_FLAT = ((1.0,) * 3,) * 3


@dataclass(frozen=True)
class Dense:
    """The tiles of slides whose tiles lie side by side."""

    chosen: NDArray[np.bool_]
    """bool (n,)."""
    by: str
    """How they were told, in words."""


def dense_slides(splits: Path, data: TileSet) -> Dense:
    """Go by the column `coverage` of a CSV of splits; without it, by how many neighbours a slide's tiles have."""
    with splits.open(newline="", encoding="utf-8-sig") as handle:
        rows = list(csv.DictReader(handle))
    if rows and COVERAGE in rows[0]:
        named = [row["patient_id"] for row in rows if row[COVERAGE] in DENSE]
        return Dense(np.isin(data.patients, named), "whole and window slides, by the splits' column `coverage`")
    support = in_context(data, np.zeros(len(data), np.float32), _FLAT).support
    slides, slide_of = np.unique(data.patients, return_inverse=True)
    medians = np.array([np.median(support[slide_of == slide]) for slide in range(len(slides))])
    words = "slides of which the median tile has at least half its eight neighbours"
    return Dense((medians >= MEDIAN_SUPPORT)[slide_of], words)
