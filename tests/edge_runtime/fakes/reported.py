"""Sessions for the tests of reports: fields whose probabilities a test chooses."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from edge_runtime.gates import Focus, Measured
from edge_runtime.model_file import ModelFile
from edge_runtime.records import Field, Frame, LostFrame
from edge_runtime.results import FrameResult, TileResult
from edge_runtime.seen import Seen
from edge_runtime.session.creating import create_session
from edge_runtime.session.keep import pictures_of
from edge_runtime.session.options import FIELDS
from edge_runtime.session.rows import rows_of
from tests.edge_runtime.fakes.sessions import NOON, about

SETTINGS = {"operating_point": "balanced_accuracy", "context": True, "looks": 8, "interpreter": "litert"}
GLASS = "no_tissue"

Said = float | str
"""A tile's probability, or the reason why it has none."""


def seen_field(
    index: int, tiles: Sequence[Sequence[Said]], looks: int = 1, origin_xy: tuple[int, int] = (0, 0), **more: object
) -> tuple[Frame, FrameResult]:
    """A frame at 4 µm per px whose tiles are told row by row; tiles of 50 px begin every 48 px, so they overlap."""
    rows, columns = len(tiles), len(tiles[0])
    height, width = 48 * rows + 2, 48 * columns + 2
    pixels = np.random.default_rng(index).integers(120, 200, (height, width, 3), np.uint8)
    said = [each for row in tiles for each in row]
    results = tuple(_tile(each, n // columns, n % columns, origin_xy) for n, each in enumerate(said))
    logits = np.float32([np.nan if isinstance(each, str) else np.log(each / (1 - each)) for each in said])
    focus = Focus(np.ones(len(said), np.float32), np.ones(len(said), np.float32), 1.0)
    field = Field(pixels, np.arange(columns) * 48, np.arange(rows) * 48, 50)
    result = FrameResult(
        index, f"frame {index}", "a" * 64, "balanced_accuracy", "context", 4.0, (height, width), origin_xy,
        (rows, columns), 50.0, results, looks=looks, seen=Seen(field, Measured(focus, None), logits),
    )  # fmt: skip
    result = dataclasses.replace(result, **more)  # type: ignore[arg-type]
    return Frame(pixels, 4.0, index, result.source, origin_xy), result


def lost(index: int, reason: str = "camera_hung", message: str = "found no frame") -> tuple[None, FrameResult]:
    """A frame that could not be judged at all."""
    frame = LostFrame(index, f"frame {index}", reason, message)
    return None, FrameResult(index, frame.source, "a" * 64, "balanced_accuracy", reason=reason, message=message)


def repeats(of: tuple[Frame, FrameResult], index: int) -> tuple[Frame, FrameResult]:
    """A frame that shows what another did."""
    frame, result = of
    return frame, dataclasses.replace(result, index=index, repeats_frame=result.index, seen=None)


def record(
    root: Path, model: ModelFile, frames: Iterable[tuple[Frame | None, FrameResult]], keep: str = FIELDS, **more: object
) -> Path:
    """Record frames as a session that ended; return its folder. `marks` are notes by the number of their frame."""
    marks: dict[int, str] = more.pop("marks", {})  # type: ignore[assignment]
    writer = create_session(root, about(model, **{"settings": {**SETTINGS, "keep": keep}, **more}), NOON)
    for frame, result in frames:
        at = NOON + timedelta(seconds=result.index)
        writer.write(rows_of(frame, result, at), pictures_of(frame, result, keep))
    for number, note in marks.items():
        writer.mark(number, note=note)
    writer.end("asked", NOON + timedelta(minutes=5))
    writer.close()
    return writer.folder


def _tile(said: Said, row: int, column: int, origin_xy: tuple[int, int]) -> TileResult:
    x, y = origin_xy[0] + 48 * column, origin_xy[1] + 48 * row
    if isinstance(said, str):
        return TileResult(x, y, reason=said, measure="mean_density", value=0.05)
    return TileResult(x, y, float(np.float32(said)), "idc" if said >= 0.35 else "no_idc")
