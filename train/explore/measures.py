"""Measure every tile: colour, stain, fine detail, and a thumbnail to find its like by."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..hed import HED_TO_OD

THUMB_PX = 8
"""Side of a thumbnail."""
CHUNK = 512
"""Tiles measured at a time, 15 MB in float32."""
_DENSITY = -np.log(np.maximum(np.arange(256), 1) / 255).astype(np.float32)
"""Optical density, base e, of a pixel value; 0 counts as 1."""
_LEAST_CONTRAST = 1.0
"""Grey levels squared: keeps the quotient of a flat tile small."""


@dataclass(frozen=True)
class Measures:
    """What is known of n tiles."""

    density: NDArray[np.float32]
    """float32 (n, 3): mean optical density, base e, in R, G, B."""
    contrast: NDArray[np.float32]
    """float32 (n,): standard deviation of the grey levels."""
    detail: NDArray[np.float32]
    """float32 (n,): variance of the Laplacian over the variance of the grey levels: low where a tile is blurred."""
    thumbnails: NDArray[np.float32]
    """float32 (n, 64): an 8x8 thumbnail in grey, mean 0, length 1."""

    @property
    def mean_density(self) -> NDArray[np.float32]:
        """float32 (n,): over the colours."""
        return np.asarray(self.density.mean(1))

    @property
    def balance(self) -> NDArray[np.float32]:
        """float32 (n,): stain balance by the share of red in the density: 0 is eosin by itself, 1 haematoxylin."""
        eosin, haematoxylin = _red_share(HED_TO_OD[1]), _red_share(HED_TO_OD[0])
        return np.asarray((_red_share(self.density) - eosin) / (haematoxylin - eosin), np.float32)


def _red_share(density: NDArray[np.float32]) -> NDArray[np.float32]:
    return density[..., 0] / np.maximum(density.sum(-1), 1e-3)


def measure(tiles: NDArray[np.uint8], each: Callable[[int], object] = lambda count: None) -> Measures:
    """Measure uint8 tiles (n, h, w, 3), RGB; `each` is called with the number of every few that are done."""
    parts = []
    for start in range(0, len(tiles), CHUNK):
        chunk = np.asarray(tiles[start : start + CHUNK])
        parts.append(_measure(chunk))
        each(len(chunk))
    density, contrast, detail, thumbnails = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Measures(density, contrast, detail, thumbnails)


def joined(parts: Sequence[Measures]) -> Measures:
    """Return the measures of several sets of tiles as those of one."""
    fields = [[getattr(part, field.name) for part in parts] for field in dataclasses.fields(Measures)]
    return Measures(*(np.concatenate(values) for values in fields))


def _measure(tiles: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
    levels = np.arange(256)
    flat = tiles.reshape(len(tiles), -1, 3)
    histogram = np.stack([_histograms(flat[..., channel]) for channel in range(3)], axis=1)
    density = (histogram @ _DENSITY[levels]) / flat.shape[1]
    grey = grey_of(tiles)
    laplacian = (
        4 * grey[:, 1:-1, 1:-1] - grey[:, :-2, 1:-1] - grey[:, 2:, 1:-1] - grey[:, 1:-1, :-2] - grey[:, 1:-1, 2:]
    )
    contrast = grey.std((1, 2))
    detail = laplacian.var((1, 2)) / (contrast**2 + _LEAST_CONTRAST)
    return density.astype(np.float32), contrast, detail.astype(np.float32), thumbnails_of(grey)


def _histograms(values: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return how often each level occurs in each row: float32 (n, 256) of uint8 (n, pixels)."""
    n = len(values)
    cells = values.astype(np.int64) + 256 * np.arange(n)[:, None]
    return np.bincount(cells.ravel(), minlength=256 * n).reshape(n, 256).astype(np.float32)


def grey_of(tiles: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the grey levels, float32 (n, h, w), of uint8 tiles (n, h, w, 3): the mean of the colours."""
    red, green, blue = (tiles[..., channel].astype(np.float32) for channel in range(3))  # far faster than mean(3)
    return np.asarray((red + green + blue) / 3, np.float32)


def thumbnails_of(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return float32 (n, 64) thumbnails of float32 grey (n, h, w), mean 0, length 1; zeros for a flat tile."""
    n, height, width = grey.shape
    tall, wide = height // THUMB_PX, width // THUMB_PX
    middle = grey[:, : tall * THUMB_PX, : wide * THUMB_PX]
    small = np.asarray(middle.reshape(n, THUMB_PX, tall, THUMB_PX, wide).mean((2, 4)), np.float32).reshape(n, -1)
    small -= small.mean(1, keepdims=True)
    length = np.linalg.norm(small, axis=1, keepdims=True)
    return np.divide(small, length, out=np.zeros_like(small), where=length > 1e-3)
