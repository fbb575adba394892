"""What goes into the way of a frame: Frame, or LostFrame, and Field; what comes out of it is in `results`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Frame:
    """One picture as a camera gave it."""

    pixels: NDArray[np.uint8]
    """uint8 (h, w, 3), RGB, at the camera's own sampling."""
    um_per_px: float
    """µm of tissue that one pixel covers."""
    index: int
    """Counts the frames of a source from 0, unreadable ones included."""
    source: str
    """What a person would call it: a file name, or the source with the frame's number."""
    origin_xy: tuple[int, int] = (0, 0)
    """Where the frame's top-left pixel lies on the picture or slide it was cut from, px of that."""
    has_data: NDArray[np.bool_] | None = None
    """bool (h, w), False in the holes of a stitched slide; None: no holes."""
    truth: NDArray[np.uint8] | None = None
    """uint8 (h, w), 1 where a simulated slide holds carcinoma; None: not known."""
    timestamp_ns: int | None = None
    """The sensor's clock, or the video's; None for pictures."""
    interval_ns: int | None = None
    """Time from one frame of the sensor to the next, as the camera states it; None: it does not."""
    dropped: int = 0
    """How many frames the sensor took between the frame before and this one, and nobody got; by the timestamps."""
    reduced: NDArray[np.uint8] | None = None
    """uint8 (h', w', 3), RGB: the same view at the model's scale, where the camera's own processor made it."""
    sensor_px: tuple[int, int] | None = None
    """(height, width) of the sensor, where the camera's own processor reduced its picture; None: `pixels` is all."""


@dataclass(frozen=True)
class LostFrame:
    """A frame that a source should have given, but could not; it is recorded, and the run goes on."""

    index: int
    """As Frame.index."""
    source: str
    """As Frame.source."""
    reason: str
    """A reason code, `unreadable` for a damaged file."""
    message: str
    """What was expected, what was found, what to do."""


@dataclass(frozen=True)
class Field:
    """A frame at the model's scale, and the grid of tiles that covers it."""

    pixels: NDArray[np.uint8]
    """uint8 (h, w, 3), RGB, at the model's µm per px."""
    lefts: NDArray[np.intp]
    """intp (columns,): left edges of the tiles, px of the field."""
    tops: NDArray[np.intp]
    """intp (rows,): top edges."""
    tile_px: int
    """Side of a tile, px of the field."""
    has_data: NDArray[np.bool_] | None = None
    """bool (rows, columns), False where a tile lies over a hole; None: no holes."""

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of the grid."""
        return len(self.tops), len(self.lefts)
