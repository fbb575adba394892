"""Measure how the training slides are stained: the profile that travels in the contract."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import StainProfile
from edge_runtime.stain import angle_between, estimate_stain

from .normalize import MIN_DENSITY

_OUTER_PERCENTILES = (1, 99)
"""Of what the slides reach: a range that one odd slide cannot widen."""

Triple = tuple[float, float, float]


def stain_profile(tiles: NDArray[np.uint8], slides: NDArray[np.str_]) -> StainProfile | None:
    """Return the profile of uint8 tiles (n, h, w, 3), RGB, of training slides (n,), each slide counting once.

    Leave glass and pen out beforehand. Slides that show too little tissue are left out; None where none is left.
    """
    estimates = [estimate_stain(tiles[slides == slide], MIN_DENSITY) for slide in np.unique(slides)]
    found = [estimate for estimate in estimates if estimate is not None]
    if not found:
        return None
    hematoxylin, hematoxylin_angle = _direction([estimate.hematoxylin for estimate in found])
    eosin, eosin_angle = _direction([estimate.eosin for estimate in found])
    density, density_low, density_high = _spread([estimate.density for estimate in found])
    deviation, deviation_low, deviation_high = _spread([estimate.deviation for estimate in found])
    return StainProfile(
        min_density=MIN_DENSITY,
        slides=len(found),
        density=density,
        density_low=density_low,
        density_high=density_high,
        deviation=deviation,
        deviation_low=deviation_low,
        deviation_high=deviation_high,
        hematoxylin=hematoxylin,
        eosin=eosin,
        hematoxylin_angle=hematoxylin_angle,
        eosin_angle=eosin_angle,
    )


def _spread(values: list[NDArray[np.float64]]) -> tuple[Triple, Triple, Triple]:
    """Return mean, 1st and 99th percentile over slides of values (3,)."""
    low, high = np.percentile(values, _OUTER_PERCENTILES, axis=0)
    return _triple(np.mean(values, axis=0)), _triple(low), _triple(high)


def _direction(vectors: list[NDArray[np.float64]]) -> tuple[Triple, float]:
    """Return the mean direction of unit vectors (3,), and the 99th percentile of their angles to it, degrees."""
    mean = np.mean(vectors, axis=0)
    mean /= np.linalg.norm(mean)
    angles = [angle_between(vector, mean) for vector in vectors]
    return _triple(mean), round(float(np.percentile(angles, _OUTER_PERCENTILES[1])), 2)


def _triple(values: NDArray[np.float64]) -> Triple:
    red, green, blue = np.round(values, 4).tolist()
    return red, green, blue
