"""From rows of the database back to a frame, as it was recorded, where they are those that were written."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from edge_runtime.results import TileResult, tile_json

from .picture_file import Place
from .rows import digest_of
from .schema import FRAME, PICTURE, TILE, quoted
from .stored import StoredFrame, StoredPicture, StoredTile

Row = tuple[Any, ...]

SELECT_FRAMES = f"SELECT {quoted([*FRAME, 'digest', 'marked', 'note'])} FROM frames"
"""What `restore` takes."""
_REPEATS = FRAME.index("repeats_frame")


class StoredRows:
    """The rows of a session's frames; remembers the frame that others repeat."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Take the database."""
        self._connection = connection
        self._repeated: tuple[int, list[Row]] | None = None

    def restore(self, row: Row) -> StoredFrame | None:
        """Return a frame by its row of SELECT_FRAMES; None where something of it is not as it was written."""
        index, repeats = row[0], row[_REPEATS]
        found = self._whole(row)
        tiles = None if found is None else found[0] if repeats is None else self._tiles_of_repeated(repeats)
        if found is None or tiles is None:
            return None
        values = dict(zip(FRAME, row, strict=False))
        stored = tuple(map(_tile, tiles))
        record = {**json.loads(values["record"]), "tiles": [tile_json(tile.result) for tile in stored]}
        measured = None if values["measured"] is None else json.loads(values["measured"])
        pictures = {picture.kind: picture for picture in map(_picture, found[1])}
        marked, note = row[-2:]
        return StoredFrame(index, values["recorded_at"], record, stored, pictures, measured, bool(marked), note)

    def _whole(self, row: Row) -> tuple[list[Row], list[Row]] | None:
        """Return the tiles and pictures of a frame's row; None where they are not those that were written."""
        tiles, pictures = read_parts(self._connection, row[0])
        return (tiles, pictures) if digest_of(row[: len(FRAME)], tiles, pictures) == row[len(FRAME)] else None

    def _tiles_of_repeated(self, index: int) -> list[Row] | None:
        if self._repeated is None or self._repeated[0] != index:
            row = self._connection.execute(f"{SELECT_FRAMES} WHERE frame = ?", (index,)).fetchone()
            found = None if row is None else self._whole(row)
            if found is None:
                return None
            self._repeated = index, found[0]
        return self._repeated[1]


def read_parts(connection: sqlite3.Connection, index: int) -> tuple[list[Row], list[Row]]:
    """Return a frame's rows of tiles and of pictures; raises sqlite3.Error where they cannot be read."""
    tiles = f'SELECT {quoted(TILE)} FROM tiles WHERE frame = ? ORDER BY "row", "column"'
    pictures = f"SELECT {quoted(PICTURE)} FROM pictures WHERE frame = ?"
    return connection.execute(tiles, (index,)).fetchall(), connection.execute(pictures, (index,)).fetchall()


def _picture(row: tuple[Any, ...]) -> StoredPicture:
    _, kind, encoding, size, digest, file, place = row
    return StoredPicture(kind, encoding, size, digest, Place(file, place))


def _tile(row: tuple[Any, ...]) -> StoredTile:
    values = dict(zip(TILE, row, strict=True))
    result = TileResult(*(values[key] for key in ("x", "y", "probability", "label", "reason", "measure", "value")))
    there = values["has_data"]
    return StoredTile(
        values["row"],
        values["column"],
        result,
        values["logit"],
        values["sharpness"],
        values["contrast"],
        None if there is None else bool(there),
    )
