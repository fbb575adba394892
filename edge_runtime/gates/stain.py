"""How far a tile's stain lies from that of the training tiles: by the balance of its absorption, not by its depth."""

from __future__ import annotations

import dataclasses
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import StainGate
from edge_runtime.sample import Sample


def stain_shares(
    sample: Sample, min_density: float, glass_density: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the shares of red and blue in the density of each tile's tissue, float64 (n, 2), and its pixels (n,).

    `glass_density` (3,) or (n, 3), R, G, B, is taken off. Shares are 0 where there is no tissue.
    """
    sums, pixels = sample.tissue(min_density)
    stain = sums - pixels[:, None] * glass_density
    np.maximum(stain, 0, out=stain)
    return stain[:, ::2] / np.maximum(np.add.reduce(stain, 1, keepdims=True), 1e-9), pixels


class StainDistances:
    """How far each tile lies from what the training tiles fill: 0 is their median, 1 where a view is foreign.

    A light that is not that of the training slides adds grey to every density, or takes it off, which moves the shares
    as another stain would. So a tile is far only where it is with glass as bright as in the training slides, with glass
    as bright as the brightest that is to be seen, and with glass in the middle between both.
    """

    def __init__(self, sample: Sample, gate: StainGate, brightest: NDArray[np.float64] | float) -> None:
        """Measure n tiles; `brightest` is the grey level of the brightest there is, (n,) or for all of them."""
        self._sample, self._gate, self._brightest = sample, gate, brightest

    def may_be_foreign(self, which: NDArray[np.bool_], share: float) -> bool:
        """Tell whether at least a share of some tiles, bool (n,), lies beyond a view's limit: cheaper than of_view."""
        far = self._usual.max(1)[which] > self._gate.max_view
        return bool(np.count_nonzero(far) >= share * len(far))

    def of_view(self, which: NDArray[np.bool_]) -> float:
        """Return the distance of a view: of the median over some of its tiles, bool (n,)."""
        far = self._of_view(self._usual, which)
        return far if far <= self._gate.max_view else min(far, *(self._of_view(other, which) for other in self._others))

    def of_tiles(self) -> NDArray[np.float64]:
        """Return the distance of each tile, float64 (n,), as a share of that from which on it is foreign."""
        limits = _sides(self._gate)[3]
        far = (self._usual / limits).max(1)
        if far.max() <= self._gate.max_tile:
            return far
        return np.minimum.reduce([far, *((other / limits).max(1) for other in self._others)])

    @cached_property
    def _usual(self) -> NDArray[np.float64]:
        """With glass as it usually is: the distance towards each side, float64 (n, sides)."""
        return self._measure(np.asarray(self._gate.glass_density))

    @cached_property
    def _others(self) -> list[NDArray[np.float64]]:
        """With glass as bright as the brightest that is to be seen, and half way there: likewise."""
        usual = np.asarray(self._gate.glass_density)
        seen = usual - usual.min() - np.log(np.maximum(self._brightest, 1) / 255)[..., None]
        return [self._measure(glass) for glass in (seen, (usual + seen) / 2)]

    def _measure(self, glass: NDArray[np.float64]) -> NDArray[np.float64]:
        shares, pixels = stain_shares(self._sample, self._gate.min_density, glass)
        red, blue, added, _ = _sides(self._gate)
        return np.where(pixels[:, None] > 0, shares[:, :1] * red + shares[:, 1:] * blue + added, 0.0)

    @staticmethod
    def _of_view(towards: NDArray[np.float64], which: NDArray[np.bool_]) -> float:
        ranked = np.sort(towards[which], 0)
        return float(ranked[(len(ranked) - 1) // 2].max())  # of two tiles, that which is less far


@lru_cache(maxsize=8)
def _sides(gate: StainGate) -> NDArray[np.float64]:
    """Return the numbers of a gate's sides, float64 (4, sides): weights of red and blue, what is added, tile limit."""
    return np.array([dataclasses.astuple(side) for side in gate.sides]).T
