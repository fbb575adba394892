"""Cut slides into the fields that a microscope would see: blocks of tiles that lie side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .recipe import TILE_PX

FIELDS: dict[str, tuple[int, int] | None] = {"1x1": (1, 1), "3x3": (3, 3), "8x6": (6, 8), "slide": None}
"""(rows, columns) of the fields that are reported, by name (columns x rows). 8x6 tiles are what a Pi HQ camera sees
through a 4x objective; None: all that there is of a slide."""


def cut_fields(
    patients: NDArray[np.str_],
    xs: NDArray[np.integer],
    ys: NDArray[np.integer],
    size: tuple[int, int] | None,
    step_px: int = TILE_PX,
) -> NDArray[np.intp]:
    """Return intp (n,): the number, from 0, of the field that each tile lies in; all arrays are (n,).

    Each slide's grid is tiled from its top-left corner into blocks of at most `size` (rows, columns) tiles, None for
    whole slides. `xs`, `ys` are left and top edges, px of the slide; a tile whose place is not known (-1) is a field
    of its own.
    """
    _, slide_of = np.unique(patients, return_inverse=True)
    placed = (xs >= 0) & (ys >= 0)
    rows, columns = (
        _block(at, slide_of, placed, side, step_px) for at, side in zip((ys, xs), size or (0, 0), strict=True)
    )
    alone = np.where(placed, -1, np.arange(len(slide_of)))
    _, fields = np.unique(np.stack([slide_of, rows, columns, alone]), axis=1, return_inverse=True)
    return np.asarray(fields, np.intp).reshape(-1)


def _block(
    at: NDArray[np.integer], slide_of: NDArray[np.intp], placed: NDArray[np.bool_], side: int, step_px: int
) -> NDArray[np.int64]:
    """Return which block along one axis each tile lies in; all in one where `side` is 0."""
    if not side or not placed.any():
        return np.zeros(len(at), np.int64)
    first = np.full(slide_of.max() + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, slide_of[placed], at[placed].astype(np.int64))
    return np.where(placed, (at.astype(np.int64) - first[slide_of]) // step_px // side, 0)
