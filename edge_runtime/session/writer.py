"""The one writer of a session: a commit a frame, on the disk before the next frame is judged."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput

from .lock import FolderLock
from .picture_file import Picture, PictureFile, sha256
from .rows import FrameRows
from .schema import (
    FRAME,
    PICTURE,
    TILE,
    placeholders,
    quoted,
)


class SessionWriter:
    """Writes one session. Whoever makes it closes it; `sqlite3.Error` and `OSError` tell that the disk failed.

    `mark` and `relabel` may be called from another thread than `write`.
    """

    def __init__(self, folder: Path, connection: sqlite3.Connection, lock: FolderLock) -> None:
        """Take a session's folder, its database and its lock; `create_session` makes them."""
        self.folder = folder
        self._connection, self._lock = connection, lock
        self._pictures = PictureFile(folder)
        self._turn = threading.Lock()

    def write(self, rows: FrameRows, pictures: Sequence[Picture] = ()) -> None:
        """Write one frame; when this returns, it is on the disk, with its pictures."""
        with self._turn:
            index = rows.frame[0]
            placed = zip(pictures, self._pictures.add(pictures), strict=True)
            pictured = [
                (index, each.kind, each.format, len(each.data), sha256(each.data), at.file, at.place)
                for each, at in placed
            ]
            with self._transaction():
                self._insert("frames", [*FRAME, "digest"], [(*rows.frame, rows.digest(pictured))])
                self._insert("tiles", TILE, rows.tiles)
                self._insert("pictures", PICTURE, pictured)
            self._pictures.settle()

    def mark(self, frame: int, marked: bool = True, note: str = "") -> None:
        """Mark a frame for the pathologist, or take the mark away; BadInput where there is no such frame."""
        with self._turn, self._transaction():
            done = self._connection.execute(
                "UPDATE frames SET marked = ?, note = ? WHERE frame = ?", (int(marked), note, frame)
            )
            if not done.rowcount:
                raise BadInput(f"expected a frame of {self.folder.name} to mark, found none of number {frame}")

    def relabel(self, slide: str) -> None:
        """Say which slide it is; the folder keeps its name."""
        with self._turn, self._transaction():
            self._connection.execute("UPDATE session SET slide = ?", (slide,))

    def end(self, ended_by: str, now: datetime) -> None:
        """Say when and by what it ended."""
        with self._turn, self._transaction():
            self._connection.execute(
                "UPDATE session SET ended_at = ?, ended_by = ?", (now.isoformat(timespec="seconds"), ended_by)
            )

    def close(self) -> None:
        """Close it as one file, without a log beside it, where no reader is in the way; a second time does nothing."""
        with self._turn:
            with contextlib.suppress(OSError):
                self._pictures.close()
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("PRAGMA journal_mode = DELETE")
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._lock.release()

    @contextlib.contextmanager
    def _transaction(self) -> Any:
        """Commit what is done within, or nothing of it."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            raise

    def _insert(self, table: str, columns: list[str], rows: Sequence[Sequence[Any]]) -> None:
        insert = f"INSERT INTO {table} ({quoted(columns)}) VALUES ({placeholders(columns)})"
        self._connection.executemany(insert, rows)
