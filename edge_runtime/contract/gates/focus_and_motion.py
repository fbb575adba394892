"""When a tile is out of focus, and when the stage moves."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .ranges import is_number, is_share, require

MIN_TILES = 6
"""Of model files from before it was one of their numbers."""


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
        require(0 < self.near_um < self.far_um < math.inf, "distances above 0, the larger one larger", self)
        require(is_share(self.min_sharpness) and is_share(self.of_baseline), "shares from 0 to 1", self)
        require(is_number(self.min_contrast, 0) and is_number(self.max_um_per_px, 0), "numbers of at least 0", self)


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
    min_tiles: int = MIN_TILES
    """Views of fewer tiles are not held against `max_anisotropy`: fibres run one way over so little tissue."""

    def __post_init__(self) -> None:
        above_0 = (self.max_shift_um, self.max_gap_s, self.default_interval_s)
        require(all(is_number(value, 0) and value > 0 for value in above_0), "numbers above 0", self)
        require(is_share(self.min_match) and is_share(self.sharp), "shares from 0 to 1", self)
        require(is_number(self.even, 1), "an anisotropy of at least 1", self)
        require(self.min_tiles >= 1, "at least one tile", self)
        require(self.max_anisotropy == 0 or is_number(self.max_anisotropy, 1), "an anisotropy above 1, or 0", self)
