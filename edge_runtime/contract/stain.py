"""How the training slides are stained, and how far another slide is moved towards them."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from edge_runtime.errors import BadModelFile


@dataclass(frozen=True)
class StainProfile:
    """How the training slides are stained, so that a foreign stain can be told; each slide counts once.

    All colours are R, G, B; densities are optical, base e, over the pixels that are at least `min_density` dense.
    """

    min_density: float
    """From which density, mean of the three channels, a pixel counts as tissue."""
    slides: int
    """How many slides were measured."""
    density: tuple[float, float, float]
    """Mean density of a slide's tissue: the mean over slides."""
    density_low: tuple[float, float, float]
    """1st percentile over slides of a slide's mean density."""
    density_high: tuple[float, float, float]
    """99th percentile over slides of a slide's mean density."""
    deviation: tuple[float, float, float]
    """Standard deviation of density between the pixels of a slide's tissue: the mean over slides."""
    deviation_low: tuple[float, float, float]
    """1st percentile over slides of that deviation."""
    deviation_high: tuple[float, float, float]
    """99th percentile over slides of that deviation."""
    hematoxylin: tuple[float, float, float]
    """Density of haematoxylin by itself, unit length: mean direction over slides (Macenko et al. 2009)."""
    eosin: tuple[float, float, float]
    """Density of eosin by itself, unit length: mean direction over slides (Macenko et al. 2009)."""
    hematoxylin_angle: float
    """99th percentile over slides of the angle between a slide's haematoxylin and the mean, degrees."""
    eosin_angle: float
    """99th percentile over slides of the angle between a slide's eosin and the mean, degrees."""

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            numbers = value if isinstance(value, tuple) else (value,)
            if len(numbers) not in (1, 3) or not all(math.isfinite(number) and number >= 0 for number in numbers):
                raise BadModelFile(f"expected a stain profile of finite numbers of at least 0, found {name} {value}")
        if not (self.slides > 0 and self.min_density > 0):
            raise BadModelFile(f"expected a stain profile of at least one slide and a density above 0, found {self}")


@dataclass(frozen=True)
class StainNormalization:
    """How far a slide's stain balance is moved towards that of the training slides before the network sees it."""

    reference: tuple[float, float, float]
    """Mean optical density (base e) of tissue in R, G, B, over the training slides."""
    strength: float
    """0 leaves a slide as it is, 1 moves its balance all the way."""
    min_density: float
    """From which mean optical density of its three channels a pixel counts as tissue."""
    slide_prior_tiles: float
    """A whole slide, or a random sample of one, is moved by tiles / (tiles + this); tiles full of tissue."""
    session_prior_tiles: float
    """The same for fields that arrive one by one: neighbouring tiles say less of a slide than scattered ones."""

    def __post_init__(self) -> None:
        numbers = (*self.reference, self.min_density, self.slide_prior_tiles, self.session_prior_tiles)
        if len(self.reference) != 3 or not all(math.isfinite(n) and n > 0 for n in numbers):
            raise BadModelFile(f"expected a stain normalization of finite numbers above 0, found {self}")
        if not 0 <= self.strength <= 1:
            raise BadModelFile(f"expected a stain normalization strength from 0 to 1, found {self.strength}")
