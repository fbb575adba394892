"""When a stain is not the one that the model was trained on."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from .ranges import is_number, is_share, require


@dataclass(frozen=True)
class StainSide:
    """One straight side of what the training tiles fill, in the plane of the shares of red and blue in a density."""

    red: float
    """Weight of the share of red, 0..1."""
    blue: float
    """Weight of the share of blue, 0..1."""
    added: float
    """What is added: the distance towards this side is 0 for the median tile, and 1 where a view is foreign."""
    tile: float
    """At which distance a tile by itself is foreign: it strays further than a view."""

    def __post_init__(self) -> None:
        require(all(math.isfinite(value) for value in dataclasses.astuple(self)), "finite numbers", self)
        require(self.tile > 0, "a distance above 0", self)


@dataclass(frozen=True)
class StainGate:
    """The balance of a tile's absorption tells its stain from another one; how deep it is stained does not matter.

    Haematoxylin and eosin differ in red, and hardly in the share of blue: in the plane of both shares the training
    tiles fill a narrow patch, with `sides` around it.
    """

    min_density: float
    """From which mean density of its channels a pixel counts as tissue."""
    glass_density: tuple[float, float, float]
    """Density of bare glass in R, G, B, which is taken off: pale tissue would look grey otherwise."""
    sides: tuple[StainSide, ...]
    """Where the training tiles end."""
    max_view: float
    """A whole view is foreign when the median over its tiles lies beyond this distance from one of the sides."""
    max_tile: float
    """A tile is, beyond this many times the side's own distance for tiles."""
    min_tiles: int
    """Views of fewer tiles with tissue are not judged as a whole."""
    min_textured: float
    """Nor are those in which less than this share of the tiles that are no glass has a texture: pen has none."""
    min_roughness: float
    """From which mean difference between neighbours in a row, as a share of the mean density, a tile has a texture."""

    def __post_init__(self) -> None:
        numbers = (*self.glass_density, self.min_density, self.max_tile, self.max_view, self.min_roughness)
        require(all(is_number(value, 0) for value in numbers), "finite numbers of at least 0", self)
        require(len(self.sides) > 0, "at least one side", self)
        require(self.min_tiles > 0 and is_share(self.min_textured), "a number of tiles above 0 and a share", self)
