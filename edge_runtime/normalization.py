"""Bring the stain balance of a slide to that of the training slides: one gain a channel, in optical density.

By Beer and Lambert a stain's optical density grows with its amount, so a slide that took more of one stain, or a lamp
of another colour, differs by a factor a channel. Only the balance of the channels is moved: the gains' geometric mean
is 1, and how dark a tile is stays its own. The factor is learned from everything seen of the slide, since a single
field of stroma is rightly pinker than one of carcinoma; little evidence moves little.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from .contract import StainNormalization
from .sample import Sample

_LEVELS = np.arange(256)
_DENSITY = -np.log(np.maximum(_LEVELS, 1).astype(np.float32) / 255)
"""Optical density, base e, of a pixel value; 0 counts as 1."""


class StainEvidence:
    """What was seen of one slide so far: how much tissue, and its mean optical density."""

    def __init__(self, min_density: float) -> None:
        """Start with nothing; `min_density` is the contract's: a pixel of less is no tissue."""
        self._min_density = min_density
        self._sums = np.zeros(3)
        self._pixels = 0.0
        self.tiles = 0.0
        """How many tiles full of tissue the evidence is worth."""

    def add(self, tiles: NDArray[np.uint8]) -> None:
        """Look at uint8 tiles (n, h, w, 3), RGB, of the slide."""
        if len(tiles):
            self.add_sample(Sample(tiles))

    def add_sample(self, sample: Sample, shown: NDArray[np.bool_] | None = None) -> None:
        """Take tiles that the gates looked at; those that `shown`, bool (n,), chooses, or all."""
        sums, pixels = sample.tissue(self._min_density)
        chosen = slice(None) if shown is None else shown
        self._sums += sums[chosen].sum(0)
        self._pixels += float(pixels[chosen].sum())
        self.tiles = self._pixels / sample.tissue_pixels

    def mean_density(self) -> NDArray[np.float64]:
        """Return the mean optical density of the tissue, float64 (3,), R, G, B; NaN where none was seen."""
        return self._sums / self._pixels if self._pixels else np.full(3, np.nan)

    def gains(self, towards: StainNormalization, prior_tiles: float) -> NDArray[np.float64]:
        """Return the factors of the optical densities, float64 (3,), R, G, B; `prior_tiles` is the contract's."""
        if not self.tiles:
            return np.ones(3)
        pairs = zip(towards.reference, self.mean_density().tolist(), strict=True)
        wanted = [math.log(reference / max(density, 1e-3)) for reference, density in pairs]
        share = towards.strength * self.tiles / (self.tiles + prior_tiles)
        return np.array([math.exp(share * (one - sum(wanted) / 3)) for one in wanted])


def balance_tables(gains: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return uint8 (3, 256): what R, G, B become when their optical densities are multiplied by gains (3,)."""
    return np.rint(255 * np.exp(-_DENSITY.astype(np.float64) * gains[:, None])).astype(np.uint8)


def rebalance(tiles: NDArray[np.uint8], gains: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return uint8 tiles (n, h, w, 3), RGB, with their optical densities multiplied by gains (3,)."""
    return look_up(tiles, balance_tables(gains))


def look_up(
    tiles: NDArray[np.uint8], tables: NDArray[np.uint8], out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Return uint8 tiles (n, h, w, 3) with each value looked up in the table of its channel, uint8 (3, 256).

    `out` of the same shape takes them, where it is given; it must be one piece of memory.
    """
    out = np.empty(tiles.shape, np.uint8) if out is None else out
    if len(tiles):  # all of them refused: OpenCV knows no picture without a row
        planes = cv2.split(np.ascontiguousarray(tiles).reshape(-1, tiles.shape[2], 3))
        planes = [cv2.LUT(plane, table, dst=plane) for plane, table in zip(planes, tables, strict=True)]
        cv2.merge(planes, dst=out.reshape(-1, tiles.shape[2], 3))  # plane by plane is faster than one table of three
    return out


def normalize_slide(tiles: NDArray[np.uint8], towards: StainNormalization, prior_tiles: float) -> NDArray[np.uint8]:
    """Return the uint8 tiles (n, h, w, 3), RGB, of one slide, rebalanced by all that they show."""
    evidence = StainEvidence(towards.min_density)
    evidence.add(tiles)
    return rebalance(tiles, evidence.gains(towards, prior_tiles))
