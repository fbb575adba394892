"""Save what can be read of a damaged session: each frame whose rows are those that were written goes to a new file."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput
from edge_runtime.model_file import verify

from .folder import DATABASE
from .restoring import SELECT_FRAMES, read_parts
from .rows import digest_of
from .schema import (
    FRAME,
    PAGE_BYTES,
    PICTURE,
    SESSION_VERSION,
    TABLES,
    TILE,
    make_database,
    open_for_writing,
    placeholders,
    quoted,
)

_ALL = [*FRAME, "digest", "marked", "note"]
_FILE_SIZE_IS_VALID_FOR = slice(92, 96)
"""Bytes of a database's header; where they are not the change counter, SQLite takes the size from the file itself."""
UNKNOWN = "unknown"


def salvage(damaged: Path, log: Path, target: Path) -> tuple[int, list[int]]:
    """Copy what can be read of a database and its log into a new one; return how many frames, and those that are lost.

    What is damaged is only read. Raises OSError or sqlite3.Error where the disk fails now.
    """
    target.unlink(missing_ok=True)
    wanted: set[int] = set()
    with (
        tempfile.TemporaryDirectory(dir=target.parent, prefix=".salvage-") as work,
        contextlib.closing(make_database(target)) as new,
    ):
        for name, mended in (("as_it_is", False), ("first_page", True)):
            copy = Path(work, name) / DATABASE
            copy.parent.mkdir()
            shutil.copyfile(damaged, copy)
            if log.exists():
                shutil.copyfile(log, f"{copy}-wal")
            if mended:
                _put_back_first_page(copy, Path(work))
            with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(open_for_writing(copy)) as old:
                wanted |= _copy(old, new)
        done = {frame for (frame,) in new.execute("SELECT frame FROM frames")}
        _introduce(new, target.parent.name)
        new.execute("PRAGMA journal_mode = DELETE")
    return len(done), sorted(wanted - done)


def _put_back_first_page(database: Path, work: Path) -> None:
    """Put the first page of an empty session over that of a damaged one: it is the same in all of them."""
    template = work / "template.sqlite"
    make_database(template).close()
    first = bytearray(template.read_bytes()[:PAGE_BYTES])
    first[_FILE_SIZE_IS_VALID_FOR] = b"\0\0\0\0"
    with database.open("r+b") as file:
        file.write(first)


def _copy(old: sqlite3.Connection, new: sqlite3.Connection) -> set[int]:
    """Copy what is not there yet; return the numbers of all frames that something is known of."""
    new.execute("BEGIN")
    for table in ("session", "models", "calibrations"):
        with contextlib.suppress(sqlite3.DatabaseError):
            rows = old.execute(f"SELECT * FROM {table}").fetchall()
            if new.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,):
                rows = [row for row in rows if table != "models" or _is_model(row)]
                new.executemany(f"INSERT INTO {table} VALUES ({placeholders(list(rows[0]))})" if rows else "", rows)
    known = set(_known_frames(old))
    for frame in sorted(known):
        if new.execute("SELECT 1 FROM frames WHERE frame = ?", (frame,)).fetchone() is None:
            with contextlib.suppress(sqlite3.DatabaseError, ValueError):
                _copy_frame(old, new, frame)
    new.execute("COMMIT")
    return known


def _is_model(row: tuple[Any, ...]) -> bool:
    try:
        return verify(row[-1], "").sha256 == row[0]
    except (BadInput, TypeError):
        return False


def _known_frames(old: sqlite3.Connection) -> Iterator[int]:
    """Yield numbers of frames from both ends of each table, as far as it can be read, and all between them."""
    found: set[int] = set()
    for table in TABLES[3:]:
        for way in ("ASC", "DESC"):
            with contextlib.suppress(sqlite3.DatabaseError):
                for (frame,) in old.execute(f"SELECT frame FROM {table} ORDER BY frame {way}"):
                    if isinstance(frame, int) and frame >= 0:
                        found.add(frame)
    yield from found
    if found and max(found) - min(found) < 100 * len(found) + 10_000:  # else a number that is damaged itself
        yield from range(min(found), max(found))


def _copy_frame(old: sqlite3.Connection, new: sqlite3.Connection, frame: int) -> None:
    """Copy one frame, where its rows are whole; raises sqlite3.DatabaseError where they cannot be read."""
    row = old.execute(f"{SELECT_FRAMES} WHERE frame = ?", (frame,)).fetchone()
    if row is None:
        return
    repeats = row[FRAME.index("repeats_frame")]
    if repeats is not None and new.execute("SELECT 1 FROM frames WHERE frame = ?", (repeats,)).fetchone() is None:
        return  # what it repeats is lost, and its tiles with it
    tiles, pictures = read_parts(old, frame)
    if digest_of(row[: len(FRAME)], tiles, pictures) != row[len(FRAME)]:
        return
    for table, columns, rows in (("frames", _ALL, [row]), ("tiles", TILE, tiles), ("pictures", PICTURE, pictures)):
        new.executemany(f"INSERT INTO {table} ({quoted(columns)}) VALUES ({placeholders(columns)})", rows)


def _introduce(new: sqlite3.Connection, name: str) -> None:
    """Write that it is not known what the session is of, where that was lost."""
    if new.execute("SELECT count(*) FROM session").fetchone()[0]:
        return
    first = new.execute("SELECT min(recorded_at) FROM frames").fetchone()[0]
    models = new.execute("SELECT sha256 FROM models").fetchone()
    new.execute(
        "INSERT INTO session (id, made_at, operator, slide, camera, source, software, session_version, settings, "
        "model_sha256, said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, '{}', ?, ?)",
        (
            name,
            first or UNKNOWN,
            *[UNKNOWN] * 5,
            SESSION_VERSION,
            models[0] if models else UNKNOWN,
            json.dumps(["what the session is of (operator, slide, camera, settings) could not be read"]),
        ),
    )
