"""What comes out of the way of a frame: TileResult, FrameResult, and the record that they become."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .alarms import Alarm
from .circumstances import Circumstances
from .contract import TILE
from .errors import BadInput
from .seen import Seen

SCHEMA_VERSION = 4
"""Of the JSON line that a frame becomes; 2 tells the mode, 3 the looks, the circumstances and what a gate measured, 4
the calibration and the alarms."""


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
    calibration_sha256: str | None = None
    """Which calibration of the instrument it rests on; None: none."""
    alarms: tuple[Alarm, ...] = ()
    """What was wrong with the instrument, against its calibration."""
    reason: str | None = None
    """Why the whole frame was not judged; None when its tiles were looked at."""
    message: str | None = None
    """The sentence beside the reason."""
    seen: Seen | None = field(default=None, compare=False, repr=False)
    """What the pipeline saw of it, for those who keep it; None where the frame was not judged itself."""

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON holds it; None is left out of tiles."""
        return {
            "schema_version": SCHEMA_VERSION,
            "frame": self.index,
            "source": self.source,
            "model_sha256": self.model_sha256,
            "calibration_sha256": self.calibration_sha256,
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
            "alarms": [alarm.to_json() for alarm in self.alarms],
            "stain_gains": None if self.stain_gains is None else [round(gain, 4) for gain in self.stain_gains],
            "reason": self.reason,
            "message": self.message,
            "tiles": [tile_json(tile) for tile in self.tiles],
        }


def tile_json(tile: TileResult) -> dict[str, Any]:
    """Return a tile as a record holds it."""
    if tile.reason is not None:
        measured = {} if tile.value is None else {"measure": tile.measure, "value": round(tile.value, 4)}
        return {"x": tile.x, "y": tile.y, "reason": tile.reason, **measured}
    assert tile.probability is not None  # held by TileResult
    return {"x": tile.x, "y": tile.y, "probability": round(tile.probability, 4), "label": tile.label}
