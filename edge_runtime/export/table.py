"""The kind `csv`: a row a tile, for spreadsheets and statistics."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import IO, Any

from edge_runtime.session.reading import Session
from edge_runtime.session.stored import StoredFrame, StoredTile

COLUMNS = (
    "session",
    "slide",
    "frame",
    "recorded_at",
    "source",
    "row",
    "column",
    "x_px",
    "y_px",
    "x_um",
    "y_um",
    "tile_um",
    "probability",
    "label",
    "reason",
    "measure",
    "value",
    "logit",
    "sharpness",
    "looks",
    "operating_point",
    "mode",
    "alarms",
    "marked",
    "note",
    "um_per_px",
    "model_sha256",
    "calibration_sha256",
)
"""Of the table. x and y are those of the tile's top-left corner on the picture or slide that the camera saw."""
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheets (OWASP, CSV injection); an apostrophe before it makes it text."""


def write_table(session: Session, file: IO[bytes]) -> None:
    """Write a row for each tile of each frame that was judged itself; UTF-8 with the mark that Excel knows it by.

    A frame that repeats another has the very tiles of that, and no rows; one that was not judged at all has one row,
    with the reason and no place in the grid.
    """
    text = io.TextIOWrapper(file, "utf-8-sig", newline="")
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    for frame in session.frames():
        if frame.record["repeats_frame"] is None:
            rows.writerows(_rows(session, frame))
    text.detach()


def safe_cell(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _rows(session: Session, frame: StoredFrame) -> Iterator[list[Any]]:
    record = frame.record
    info, um_per_px = session.info, record["um_per_px"]
    begin = [safe_cell(info.id), safe_cell(info.slide), frame.index, frame.recorded_at, safe_cell(record["source"])]
    end = [
        record["looks"],
        record["operating_point"],
        record["mode"],
        " ".join(alarm["reason"] for alarm in record["alarms"]),
        int(frame.marked),
        safe_cell(frame.note),
        um_per_px,
        record["model_sha256"],
        record["calibration_sha256"],
    ]
    if not frame.tiles:
        yield [*begin, *[None] * 9, record["reason"], *[None] * 4, *end]
    for tile in frame.tiles:
        yield [*begin, *_cells(tile, um_per_px, record["tile_size_px"]), *end]


def _cells(tile: StoredTile, um_per_px: float, tile_px: float) -> list[Any]:
    said = tile.result
    return [
        tile.row,
        tile.column,
        said.x,
        said.y,
        round(said.x * um_per_px, 3),
        round(said.y * um_per_px, 3),
        round(tile_px * um_per_px, 3),
        said.probability,
        said.label,
        said.reason,
        said.measure,
        said.value,
        tile.logit,
        tile.sharpness,
    ]
