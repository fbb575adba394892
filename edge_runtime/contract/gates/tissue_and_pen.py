"""When a tile shows glass, or is covered by pen or dirt."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from edge_runtime.errors import BadModelFile

from .ranges import is_number, is_share, require

MAX_DIRT_SHARE = 0.05
"""Of model files from before there was such a constant: `quantize.gates.PEN_GATE` says why."""


@dataclass(frozen=True)
class TissueGate:
    """Glass is flat and pale, fat is tissue. A tile is glass when both hold."""

    max_mean_density: float
    """The tile's mean optical density is below this: it is pale."""
    max_stained_share: float
    """The share of its pixels that are clearly stained is below this: it is flat, but for specks of dirt."""
    stained_density: float
    """From which optical density a pixel counts as stained."""

    def __post_init__(self) -> None:
        require(all(is_number(value, 0) for value in dataclasses.astuple(self)), "numbers of at least 0", self)


@dataclass(frozen=True)
class PenGate:
    """Pen, ink and dirt absorb as no stained tissue does, or smoothly.

    Haematoxylin and eosin absorb green most, so red + blue stays near `green_ratio` times green or below. Blue, green,
    black and brown ink, dust and the edge of a cover slip absorb red or blue beside it. Red ink is coloured like eosin:
    it is known where it is thicker than blood, and by its smoothness where it lies over glass.
    """

    green_ratio: float
    """A pixel is ink when its density in red + blue exceeds this times that in green by `min_excess`."""
    min_excess: float
    """See green_ratio; above 0, so that a lamp that is a little dim or tinted makes no ink."""
    red_excess: float
    """A pixel is ink, too, when its density in green exceeds that in red by this: more than in blood."""
    max_ink_share: float
    """A tile is refused when more than this share of its pixels is ink, 0..1; less is left to the network."""
    min_roughness: float
    """A tile is refused when its mean difference in density between neighbours in a row is below this share of its
    mean density: what is stained has a texture. Depends on the scale, as the rest does not; 0 is off."""
    max_dirt_share: float = MAX_DIRT_SHARE
    """A tile is refused when more than this share of it lies under dirt of the optics, as a calibration's blank field
    shows it, 0..1; 1 is off."""

    def __post_init__(self) -> None:
        above_0 = (self.green_ratio, self.min_excess, self.red_excess, self.max_ink_share)
        if not all(math.isfinite(value) and value > 0 for value in above_0) or self.max_ink_share > 1:
            raise BadModelFile(f"expected a pen gate of numbers above 0 and a share of at most 1, found {self}")
        if not 0 <= self.min_roughness < 1:
            raise BadModelFile(f"expected a pen gate with a roughness from 0 to 1, found {self.min_roughness}")
        require(is_share(self.max_dirt_share), "a share of dirt from 0 to 1", self)
