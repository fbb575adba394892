"""A frame's result as rows of the database, and back; a digest over them tells later whether they are still those."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edge_runtime.records import Frame
from edge_runtime.results import FrameResult

from .schema import TILE

Row = tuple[Any, ...]


@dataclass(frozen=True)
class FrameRows:
    """What is written of one frame, without its pictures."""

    frame: Row
    """By the columns schema.FRAME."""
    tiles: tuple[Row, ...]
    """By schema.TILE; none where the frame repeats another, whose tiles are its own."""

    def digest(self, pictures: Sequence[Row]) -> str:
        """Return the SHA-256 over these rows and those of its pictures, by schema.PICTURE."""
        return digest_of(self.frame, self.tiles, pictures)


def digest_of(frame: Sequence[Any], tiles: Sequence[Sequence[Any]], pictures: Sequence[Sequence[Any]]) -> str:
    """Return the SHA-256 of a frame's rows; SQLite itself does not notice a number that changed on the disk."""
    text = json.dumps([frame, tiles, sorted(pictures)], separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def rows_of(frame: Frame | None, result: FrameResult, recorded_at: datetime) -> FrameRows:
    """Return the rows of a result; `frame` is None where it was lost."""
    record = result.to_json()
    del record["tiles"]
    height, width = result.size_px or (None, None)
    rows, columns = result.grid
    row = (
        result.index,
        recorded_at.isoformat(timespec="milliseconds"),
        result.timestamp_ns,
        json.dumps(record, allow_nan=False),
        *(int(place) for place in result.origin_xy),
        _number(result.um_per_px),
        height,
        width,
        rows,
        columns,
        _number(result.tile_size_px),
        result.repeats_frame,
        result.reason,
        json.dumps([alarm.reason for alarm in result.alarms]),
        _measured(frame, result),
    )
    return FrameRows(row, () if result.repeats_frame is not None else _tiles(result))


def _measured(frame: Frame | None, result: FrameResult) -> str | None:
    """Return what was measured at the camera's scale and is not of one tile, as JSON; None where nothing was."""
    if frame is None or result.seen is None:
        return None
    focus, motion = result.seen.measured.focus, result.seen.measured.motion
    found = {
        "interval_ns": frame.interval_ns,
        "sensor_px": frame.sensor_px,
        "anisotropy": None if focus is None else focus.anisotropy,
        "motion": None if motion is None else [*motion.shift_um, motion.per_interval_um, motion.match, motion.reason],
    }
    return json.dumps(found, allow_nan=False)


def _tiles(result: FrameResult) -> tuple[Row, ...]:
    """Return a row a tile, by schema.TILE."""
    count, columns = len(result.tiles), max(1, result.grid[1])
    nothing: list[None] = [None] * count
    logits: Sequence[float | None] = nothing
    sharpness: Sequence[float | None] = nothing
    contrast: Sequence[float | None] = nothing
    has_data: Sequence[int | None] = nothing
    if (seen := result.seen) is not None:
        logits = seen.logits.tolist()
        if (focus := seen.measured.focus) is not None:
            sharpness, contrast = focus.sharpness.tolist(), focus.contrast.tolist()
        if seen.field.has_data is not None:
            has_data = seen.field.has_data.ravel().astype(int).tolist()
    measured = zip(result.tiles, logits, sharpness, contrast, has_data, strict=True)
    rows = tuple(
        (
            result.index,
            *divmod(n, columns),
            int(tile.x),
            int(tile.y),
            _number(tile.probability),
            tile.label,
            _number(logit),
            tile.reason,
            tile.measure,
            _number(tile.value),
            _number(sharp),
            _number(detail),
            there,
        )
        for n, (tile, logit, sharp, detail, there) in enumerate(measured)
    )
    assert not rows or len(rows[0]) == len(TILE)
    return rows


def _number(value: float | None) -> float | None:
    """Return a number as SQLite's REAL gives it back; NaN, which it does not have, is None."""
    return None if value is None or math.isnan(value) else float(value)
