"""How a slide is stained: the density of its tissue and the directions of its two stains, from its own pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEP = 3
"""Every third pixel of every third row is looked at: neighbours say nearly the same."""
_LEAST_PIXELS = 300
"""Below this many pixels of tissue (about a tile's worth of those looked at), two stains cannot be told apart."""
_OUTER_PERCENTILE = 1.0
"""The stains lie at this percentile of the angle and at 100 less it: alpha of Macenko et al. 2009."""

_DENSITY = -np.log(np.maximum(np.arange(256), 1) / 255.0)


@dataclass(frozen=True)
class StainEstimate:
    """The stain of one slide, or of what was seen of it; R, G, B, optical densities base e."""

    density: NDArray[np.float64]
    """float64 (3,): mean density of the tissue's pixels."""
    deviation: NDArray[np.float64]
    """float64 (3,): standard deviation of density between the tissue's pixels."""
    hematoxylin: NDArray[np.float64]
    """float64 (3,): direction of haematoxylin, unit length, not negative."""
    eosin: NDArray[np.float64]
    """float64 (3,): direction of eosin, unit length, not negative."""
    pixels: int
    """How many pixels of tissue it rests on."""


def estimate_stain(tiles: NDArray[np.uint8], min_density: float) -> StainEstimate | None:
    """Return the stain of uint8 tiles (n, h, w, 3), RGB, of one slide, or None where it shows too little tissue.

    Leave glass and pen out beforehand. A pixel is tissue from `min_density` on: its density, mean of the channels.
    """
    density = _DENSITY[tiles[:, ::_STEP, ::_STEP].reshape(-1, 3)]
    density = density[density.mean(1) >= min_density]
    if len(density) < _LEAST_PIXELS:
        return None
    hematoxylin, eosin = _stain_vectors(density)
    return StainEstimate(density.mean(0), density.std(0), hematoxylin, eosin, len(density))


def angle_between(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Return the angle between two directions, unit vectors (3,), in degrees."""
    return float(np.degrees(np.arccos(np.clip(np.dot(one, other), -1, 1))))


def _stain_vectors(density: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the directions of haematoxylin and eosin in densities (n, 3).

    After Macenko et al. 2009, doi 10.1109/ISBI.2009.5193250: the pixels are laid on the plane of their two largest
    components, and the stains are the outermost angles in it, but for a percent on each side. Of the two, haematoxylin
    absorbs more red.
    """
    _, axes = np.linalg.eigh(density.T @ density)  # about the origin, where no stain is
    plane = axes[:, [2, 1]]
    plane[:, 0] *= np.sign(plane[:, 0].sum())  # densities then lie around angle 0, far from where it wraps
    along = density @ plane
    angles = np.arctan2(along[:, 1], along[:, 0])
    bounds = np.percentile(angles, [_OUTER_PERCENTILE, 100 - _OUTER_PERCENTILE])
    ends = np.maximum(plane @ np.stack([np.cos(bounds), np.sin(bounds)]), 0)
    one, other = (ends / np.linalg.norm(ends, axis=0)).T
    return (one, other) if one[0] / one.sum() >= other[0] / other.sum() else (other, one)
