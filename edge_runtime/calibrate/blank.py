"""The blank field: how bright and how even the lamp is, and where dirt sits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput
from edge_runtime.flat_field import FlatField

from .blank_check import check_is_blank, check_light, warnings_of
from .dirt import DirtMap, dirt_map
from .shading import in_cells, is_dirt, smooth_light

_WIDEST_PX = 1024
"""Frames are reduced to this width before they are added up: 16 of a Pi HQ camera fit a small board's memory."""
_CLIPPED = 254


@dataclass(frozen=True)
class BlankField:
    """What a view without tissue told."""

    made_at: str
    """When, ISO 8601, UTC."""
    frames: int
    """How many were averaged."""
    white_rgb: tuple[float, float, float]
    """Level of the brightest cell in R, G, B, 0..255, before any gain: the lamp."""
    shading: tuple[tuple[tuple[float, float, float], ...], ...]
    """24 rows of 32 cells: level in R, G, B, 0..255, without dirt."""
    dirt: DirtMap
    """What is darker than that."""
    noise: float
    """Standard deviation of a pixel of a frame, reduced to at most 1024 px in width, grey levels; 0 for one frame."""
    flicker: float
    """Standard deviation of the frames' mean levels, as a share."""
    warnings: tuple[str, ...] = ()
    """What should be mended, but does not stand in the way."""

    def __post_init__(self) -> None:
        cells = np.asarray(self.shading, np.float64)
        if (
            cells.ndim != 3
            or min(cells.shape) < 2
            or not (np.isfinite(cells).all() and 0 < cells.min() <= cells.max() <= 256)
        ):
            raise ValueError("expected a shading of rows of cells of R, G, B above 0 and up to 255")

    @property
    def evenness(self) -> float:
        """Level of the dimmest cell over that of the brightest, 0..1."""
        cells = np.asarray(self.shading).mean(2)
        return float(cells.min() / cells.max())

    def flat_field(self) -> FlatField:
        """Return what brings frames of this instrument to even, white light."""
        return FlatField(np.asarray(self.shading, np.float32))


def measure_blank(pictures: Iterable[NDArray[np.uint8]], made_at: str) -> BlankField:
    """Return what some pictures, uint8 (h, w, 3), RGB, of one blank field tell.

    Raises BadInput where they are clipped, too dark, or show something.
    """
    clipped, reduced = _gathered(pictures)
    stack = np.stack(reduced).astype(np.float32)
    blank = stack.mean(0)
    light = smooth_light(blank)
    cells = in_cells(light)
    check_light(clipped, cells)
    dirt = is_dirt(blank, light)
    check_is_blank(blank, light, dirt)
    means = stack.mean((1, 2, 3))
    flicker = float(means.std() / means.mean()) if len(stack) > 1 else 0.0
    shading = tuple(
        tuple((float(r), float(g), float(b)) for r, g, b in row)
        for row in np.round(cells.astype(np.float64), 1).tolist()
    )
    white = [round(float(cells[..., channel].max()), 2) for channel in range(3)]
    found = dirt_map(dirt)
    noise = float(np.sqrt(stack.var(0, ddof=1).mean())) if len(stack) > 1 else 0.0
    return BlankField(
        made_at=made_at,
        frames=len(stack),
        white_rgb=(white[0], white[1], white[2]),
        shading=shading,
        dirt=found,
        noise=round(noise, 3),
        flicker=round(flicker, 5),
        warnings=tuple(warnings_of(white, cells, found, flicker)),
    )


def _gathered(pictures: Iterable[NDArray[np.uint8]]) -> tuple[float, list[NDArray[np.uint8]]]:
    """Return the largest share of clipped pixels, and the pictures at a width of at most 1024 px."""
    clipped, reduced = 0.0, []
    for picture in pictures:
        height, width = picture.shape[:2]
        white = [int(np.count_nonzero(plane >= _CLIPPED)) for plane in cv2.split(picture)]
        clipped = max(clipped, max(white) / (height * width))
        factor = min(1.0, _WIDEST_PX / width)
        size = max(8, round(width * factor)), max(8, round(height * factor))
        reduced.append(np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8))
    if not reduced:
        raise BadInput("expected frames of a blank field, found none; check the source")
    return clipped, reduced
