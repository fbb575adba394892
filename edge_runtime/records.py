"""The values that travel along the way of a frame: Frame -> Field -> TileResult, FrameResult."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .board import NOT_TOLD, BoardState
from .contract import TILE
from .errors import BadInput
from .heat import NORMAL

SCHEMA_VERSION = 3
"""Of the JSON line that a frame becomes; 2 tells the mode, 3 the looks, the circumstances and what a gate measured."""


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


@dataclass(frozen=True)
class TileResult:
    """What the instrument says of one tile: a probability with its label, or a reason, never both, never neither."""

    x: int
    """Left edge, px of the picture (of the slide, where the frame was cut from one)."""
    y: int
    """Top edge, likewise."""
    probability: float | None = None
    """Calibrated probability of carcinoma, 0..1."""
    label: str | None = None
    """One of the contract's labels, by its operating point."""
    reason: str | None = None
    """Why the tile was not judged."""
    measure: str | None = None
    """The name of the measure that the reason goes by; None where none has a number."""
    value: float | None = None
    """What was measured."""

    def __post_init__(self) -> None:
        if (self.probability is None) == (self.reason is None) or (self.label is None) != (self.probability is None):
            raise BadInput(f"a tile carries a probability with its label, or a reason; found {self!r}")


def refused_tile(x: int, y: int, reason: str, measure: str | None, value: float) -> TileResult:
    """Return the result of a tile that has a reason; `value` is NaN where none was measured."""
    return TileResult(x, y, reason=reason, measure=measure, value=None if math.isnan(value) else value)


@dataclass(frozen=True)
class Circumstances:
    """What went on around a frame, beside what it shows."""

    dropped_by_camera: int = 0
    """Frames that the sensor took since the frame before, and nobody got; by the gaps between its timestamps."""
    dropped_by_queue: int = 0
    """Frames that were taken since the frame before and left out, because a live camera is faster than the judging."""
    board: BoardState = NOT_TOLD
    """How the computer was doing."""
    heat_step: str = NORMAL.name
    """Where it stood in the heat plan."""
    pause_ms: float = 0.0
    """How long it rested before this frame, by the heat plan."""

    def to_json(self) -> dict[str, Any]:
        """Return them as JSON holds them; null is what the computer does not tell."""
        return {
            "dropped_by_camera": self.dropped_by_camera,
            "dropped_by_queue": self.dropped_by_queue,
            "cpu_c": self.board.cpu_c,
            "throttled": self.board.throttled,
            "under_voltage": self.board.under_voltage,
            "clock_mhz": self.board.clock_mhz,
            "heat_step": self.heat_step,
            "pause_ms": round(self.pause_ms, 1),
        }


@dataclass(frozen=True)
class FrameResult:
    """What the instrument says of one frame."""

    index: int
    """As Frame.index."""
    source: str
    """As Frame.source."""
    model_sha256: str
    """Which model file spoke."""
    operating_point: str
    """Which of its thresholds made the labels."""
    mode: str = TILE
    """tile: each tile by itself; context: each in the light of those around it."""
    um_per_px: float | None = None
    """Scale of the frame; None for a lost one."""
    size_px: tuple[int, int] | None = None
    """(height, width) of the frame."""
    origin_xy: tuple[int, int] = (0, 0)
    """As Frame.origin_xy."""
    grid: tuple[int, int] = (0, 0)
    """(rows, columns) of its tiles."""
    tile_size_px: float | None = None
    """Side of a tile in px of the frame."""
    tiles: tuple[TileResult, ...] = ()
    """Row by row, left to right."""
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    """Time spent in each stage."""
    timestamp_ns: int | None = None
    """As Frame.timestamp_ns."""
    stain_gains: tuple[float, ...] | None = None
    """What the optical densities of R, G, B were multiplied with, by all seen of the slide so far; None: nothing."""
    looks: int = 1
    """How many looks at this field its logits are the mean of; 1: this frame alone."""
    repeats_frame: int | None = None
    """The frame whose result this is, since the view has not changed; None: it was judged itself."""
    circumstances: Circumstances | None = None
    """What went on around it; None where nobody watched."""
    reason: str | None = None
    """Why the whole frame was not judged; None when its tiles were looked at."""
    message: str | None = None
    """The sentence beside the reason."""

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON holds it; None is left out of tiles."""
        return {
            "schema_version": SCHEMA_VERSION,
            "frame": self.index,
            "source": self.source,
            "model_sha256": self.model_sha256,
            "operating_point": self.operating_point,
            "mode": self.mode,
            "um_per_px": self.um_per_px,
            "size_px": self.size_px,
            "origin_xy": self.origin_xy,
            "grid": self.grid,
            "tile_size_px": self.tile_size_px,
            "milliseconds": {stage: round(ms, 3) for stage, ms in self.milliseconds.items()},
            "timestamp_ns": self.timestamp_ns,
            "looks": self.looks,
            "repeats_frame": self.repeats_frame,
            "circumstances": None if self.circumstances is None else self.circumstances.to_json(),
            "stain_gains": None if self.stain_gains is None else [round(gain, 4) for gain in self.stain_gains],
            "reason": self.reason,
            "message": self.message,
            "tiles": [_tile_json(tile) for tile in self.tiles],
        }


def _tile_json(tile: TileResult) -> dict[str, Any]:
    if tile.reason is not None:
        measured = {} if tile.value is None else {"measure": tile.measure, "value": round(tile.value, 4)}
        return {"x": tile.x, "y": tile.y, "reason": tile.reason, **measured}
    assert tile.probability is not None  # held by TileResult
    return {"x": tile.x, "y": tile.y, "probability": round(tile.probability, 4), "label": tile.label}
