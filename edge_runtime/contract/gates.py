"""The constants of the gates, a dataclass each: when a tile is refused. `edge_runtime.gates` measures by them.

A new gate is a dataclass here, whose numbers check themselves, one optional field of the Contract, and one line in
`edge_runtime.gates.chosen`. All optical densities are base e.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from edge_runtime.errors import BadModelFile


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
        _require(all(_is_number(value, 0) for value in dataclasses.astuple(self)), "numbers of at least 0", self)


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

    def __post_init__(self) -> None:
        above_0 = (self.green_ratio, self.min_excess, self.red_excess, self.max_ink_share)
        if not all(math.isfinite(value) and value > 0 for value in above_0) or self.max_ink_share > 1:
            raise BadModelFile(f"expected a pen gate of numbers above 0 and a share of at most 1, found {self}")
        if not 0 <= self.min_roughness < 1:
            raise BadModelFile(f"expected a pen gate with a roughness from 0 to 1, found {self.min_roughness}")


@dataclass(frozen=True)
class FocusGate:
    """A blurred picture has slopes, no grain: how much its differences grow with the distance tells one from the other.

    Sharpness is 1 - log(far / near) / log(far_um / near_um), of the mean differences in green at the two distances:
    0 where only slopes are left, 1 where neighbours have nothing in common. It has no unit and depends neither on the
    depth of the stain nor on the light.
    """

    near_um: float
    """The smaller distance, and the width that pixels are averaged over beforehand against noise, µm."""
    far_um: float
    """The larger distance, µm."""
    min_sharpness: float
    """A tile of less is out of focus."""
    of_baseline: float
    """With a calibration, a tile is out of focus below this share of the baseline's sharpness, too."""
    min_contrast: float
    """Below this mean difference at the larger distance, grey levels, there is nothing to see: sharpness 0."""
    max_um_per_px: float
    """The gate is off for coarser cameras, whose pixels average defocus away."""

    def __post_init__(self) -> None:
        _require(0 < self.near_um < self.far_um < math.inf, "distances above 0, the larger one larger", self)
        _require(_is_share(self.min_sharpness) and _is_share(self.of_baseline), "shares from 0 to 1", self)
        _require(_is_number(self.min_contrast, 0) and _is_number(self.max_um_per_px, 0), "numbers of at least 0", self)


@dataclass(frozen=True)
class DarkGate:
    """Even dense tissue has bright pixels, in red at the least; without light there are none."""

    white_level: float
    """Grey level of bare glass under full light; a calibration's own lamp level takes its place."""
    min_light: float
    """A view is too dark where the brightest tile has less of it: mean over columns of the brightest pixel, 0..1."""

    def __post_init__(self) -> None:
        _require(0 < self.white_level <= 255 and _is_share(self.min_light), "a level up to 255 and a share", self)


@dataclass(frozen=True)
class SaturationGate:
    """Stained pixels that reach white in a channel have lost their colour; bare glass has none to lose."""

    clipped_level: float
    """From which grey level a channel counts as clipped."""
    stained_level: float
    """A pixel counts as stained where another channel is below this."""
    max_share: float
    """A tile is refused when more than this share of its pixels is clipped and stained, 0..1; a view, when the mean
    over its tiles with tissue is more."""

    def __post_init__(self) -> None:
        _require(0 < self.stained_level <= self.clipped_level <= 255, "levels in order, up to 255", self)
        _require(_is_share(self.max_share), "a share from 0 to 1", self)


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
        _require(all(math.isfinite(value) for value in dataclasses.astuple(self)), "finite numbers", self)
        _require(self.tile > 0, "a distance above 0", self)


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
        _require(all(_is_number(value, 0) for value in numbers), "finite numbers of at least 0", self)
        _require(len(self.sides) > 0, "at least one side", self)
        _require(self.min_tiles > 0 and _is_share(self.min_textured), "a number of tiles above 0 and a share", self)


@dataclass(frozen=True)
class MotionGate:
    """While the stage moves, a frame is smeared along its way, and its rows are sheared by a rolling shutter."""

    max_shift_um: float
    """A frame is moving when tissue passes by faster than this for one of the sensor's intervals, µm."""
    min_match: float
    """A shift counts where what both frames show then correlates by this, 0..1: of views that do not overlap nothing
    is said."""
    max_gap_s: float
    """Frames further apart than this are not compared, s."""
    default_interval_s: float
    """Of a camera that does not state its own, s."""
    max_anisotropy: float
    """A single frame is moving when differences at the smaller distance of the focus gate are so many times larger
    along one axis than along the other; 0 is off."""
    sharp: float
    """A frame with this sharpness, median over its tiles, was taken in a short enough time, whatever moved: a stage
    that stops at each field is not moving."""
    even: float
    """If its anisotropy is at most this, too."""

    def __post_init__(self) -> None:
        above_0 = (self.max_shift_um, self.max_gap_s, self.default_interval_s)
        _require(all(_is_number(value, 0) and value > 0 for value in above_0), "numbers above 0", self)
        _require(_is_share(self.min_match) and _is_share(self.sharp), "shares from 0 to 1", self)
        _require(_is_number(self.even, 1), "an anisotropy of at least 1", self)
        _require(self.max_anisotropy == 0 or _is_number(self.max_anisotropy, 1), "an anisotropy above 1, or 0", self)


def _require(holds: bool, expected: str, gate: object) -> None:
    if not holds:
        raise BadModelFile(f"expected a gate of {expected}, found {gate}")


def _is_number(value: float, least: float) -> bool:
    return math.isfinite(value) and value >= least


def _is_share(value: float) -> bool:
    return 0 <= value <= 1
