"""Find patches that look like no other: almost white, almost black, blurred, of a strange colour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import MinCovDet

from .measures import Measures

ALMOST_WHITE, ALMOST_BLACK = 0.1, 1.6
"""Mean optical density below which a tile is almost white, above which it is almost black."""
_LEAST_CONTRAST = 8.0
"""Grey levels: a tile with less shows too little for blur to be told."""
_SAMPLE = 1500
"""Tiles that the usual colour is learned from."""
_LEAST_SAMPLE = 50


@dataclass(frozen=True)
class Odd:
    """One kind of odd patch."""

    name: str
    """What they are."""
    how: str
    """How they were found, and what the number below each is."""
    order: NDArray[np.intp]
    """Positions, the oddest first."""
    values: NDArray[np.float32]
    """By position: what is told of each."""
    count: int | None
    """How many pass the limit; None: there is none, the order alone is shown."""


def find_odd(measures: Measures, train: NDArray[np.intp], seed: int = 0) -> list[Odd]:
    """Return the kinds of odd patches among tiles; the usual colour is learned from the positions `train`."""
    density = measures.mean_density
    by_density = np.argsort(density, kind="stable")
    seen = np.flatnonzero(measures.contrast >= _LEAST_CONTRAST)
    blurred = seen[np.argsort(measures.detail[seen], kind="stable")]
    kinds = [
        Odd(
            "Almost white",
            f"Mean optical density (below each) under {ALMOST_WHITE:g}.",
            by_density,
            density,
            int((density < ALMOST_WHITE).sum()),
        ),
        Odd(
            "Almost black",
            f"Mean optical density (below each) over {ALMOST_BLACK:g}.",
            by_density[::-1],
            density,
            int((density > ALMOST_BLACK).sum()),
        ),
        Odd(
            "Out of focus",
            "The least fine detail (variance of the Laplacian over the variance of the grey levels, below each), the "
            "blurriest first.",
            blurred,
            measures.detail,
            None,
        ),
    ]
    if len(train) >= _LEAST_SAMPLE:
        far = _colour_distance(measures.density, train, seed)
        kinds.append(
            Odd(
                "Extreme colour",
                "The farthest from the usual mean optical density in R, G, B, learned from the train patients (robust "
                "Mahalanobis distance, below each).",
                np.argsort(-far, kind="stable"),
                far,
                None,
            )
        )
    return kinds


def _colour_distance(density: NDArray[np.float32], train: NDArray[np.intp], seed: int) -> NDArray[np.float32]:
    """Return float32 (n,): how many standard deviations a tile's colour lies from the usual one (Rousseeuw 1999)."""
    sample = density[train]
    if len(sample) > _SAMPLE:
        sample = sample[np.random.default_rng(seed).choice(len(sample), _SAMPLE, replace=False)]
    usual = MinCovDet(random_state=seed).fit(sample)
    return np.sqrt(usual.mahalanobis(density)).astype(np.float32)
