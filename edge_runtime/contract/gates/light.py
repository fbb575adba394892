"""When a view has too little light, or too much."""

from __future__ import annotations

from dataclasses import dataclass

from .ranges import is_share, require


@dataclass(frozen=True)
class DarkGate:
    """Even dense tissue has bright pixels, in red at the least; without light there are none."""

    white_level: float
    """Grey level of bare glass under full light; a calibration's own lamp level takes its place."""
    min_light: float
    """A view is too dark where the brightest tile has less of it: mean over columns of the brightest pixel, 0..1."""

    def __post_init__(self) -> None:
        require(0 < self.white_level <= 255 and is_share(self.min_light), "a level up to 255 and a share", self)


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
        require(0 < self.stained_level <= self.clipped_level <= 255, "levels in order, up to 255", self)
        require(is_share(self.max_share), "a share from 0 to 1", self)
