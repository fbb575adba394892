"""A session's views on one plane, as whoever exports them gets them."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

from .views import View

ORIGINS, REGISTERED, APART = HOW = ("origins", "registered", "apart")
"""How views got their places: their source told them; their pictures overlap; neither, so that each stands alone."""


@dataclass(frozen=True)
class PlacedView:
    """One view and its place on the mosaic, µm from the mosaic's top-left corner, x to the right, y down."""

    view: View
    """What was seen, and said of it."""
    left_um: float
    """Of its left edge."""
    top_um: float
    """Of its top edge."""
    piece: int
    """Views of one piece are known to lie so to each other; pieces stand apart, anyhow. 0 is the largest."""

    @property
    def frame(self) -> int:
        """Number of the frame that tells of it: the last look at it."""
        return self.view.frame

    @property
    def width_um(self) -> float:
        """Of what the camera saw."""
        return self.view.size_um[0]

    @property
    def height_um(self) -> float:
        """Likewise."""
        return self.view.size_um[1]


@dataclass(frozen=True)
class Placed:
    """A session's views on one plane."""

    views: tuple[PlacedView, ...]
    """In the order in which they were recorded; at least one."""
    width_um: float
    """Of the whole."""
    height_um: float
    """Likewise."""
    um_per_px: float
    """Of the mosaic at full resolution; the model's scale, unless a person asked for another."""
    how: str
    """One of HOW."""
    pieces: int = 1
    """How many pieces there are."""
    said: tuple[str, ...] = ()
    """What is to be known of it, in sentences: views that match none, views left out."""
    stands_for: Mapping[int, int] = field(default_factory=dict)
    """Number of a frame -> that of the view which shows the same: earlier looks, repetitions, the view itself."""
    origin_um: tuple[float, float] = (0.0, 0.0)
    """Where the mosaic's top-left corner lies on what the source calls its slide, µm; 0, 0 without `origins`."""

    @property
    def size_px(self) -> tuple[int, int]:
        """(height, width) of the mosaic at full resolution."""
        return max(1, round(self.height_um / self.um_per_px)), max(1, round(self.width_um / self.um_per_px))

    def view_of(self, frame: int) -> PlacedView | None:
        """Return the view that shows what a frame shows; None where it has no place (lost, or still moving)."""
        return self._by_frame.get(self.stands_for.get(frame, frame))

    @functools.cached_property
    def _by_frame(self) -> dict[int, PlacedView]:
        return {placed.frame: placed for placed in self.views}
