"""The layout of a session's database, and how it is opened: by its one writer, or by readers who change nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from edge_runtime.errors import BadInput

APPLICATION_ID = 0x434E4553
"""`CNES`, in the file's header: this is a session, whatever it is called."""
SESSION_VERSION = 1
"""Of this layout; it stands in the file's header, too, so that it can be told before anything is read."""
PAGE_BYTES = 4096
"""A page of the database; fixed, so that the first one can be put back where it was lost (`rescue`)."""
BUSY_S = 5.0
"""How long a writer waits for a reader who opens the file."""

_TABLES = """
CREATE TABLE session (
  id TEXT NOT NULL, made_at TEXT NOT NULL, ended_at TEXT, ended_by TEXT,
  operator TEXT NOT NULL, slide TEXT NOT NULL, camera TEXT NOT NULL, source TEXT NOT NULL,
  software TEXT NOT NULL, session_version INTEGER NOT NULL, settings TEXT NOT NULL,
  model_sha256 TEXT NOT NULL, calibration_sha256 TEXT, said TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE TABLE models (
  sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, contract TEXT NOT NULL, card TEXT NOT NULL, content BLOB NOT NULL
) STRICT;
CREATE TABLE calibrations (sha256 TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT;
CREATE TABLE frames (
  frame INTEGER PRIMARY KEY, recorded_at TEXT NOT NULL, timestamp_ns INTEGER, record TEXT NOT NULL,
  origin_x INTEGER NOT NULL, origin_y INTEGER NOT NULL, um_per_px REAL, height_px INTEGER, width_px INTEGER,
  rows INTEGER NOT NULL, columns INTEGER NOT NULL, tile_size_px REAL, repeats_frame INTEGER,
  reason TEXT, alarms TEXT NOT NULL, measured TEXT, digest TEXT NOT NULL,
  marked INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE tiles (
  frame INTEGER NOT NULL, row INTEGER NOT NULL, "column" INTEGER NOT NULL, x INTEGER NOT NULL, y INTEGER NOT NULL,
  probability REAL, label TEXT, logit REAL, reason TEXT, measure TEXT, value REAL,
  sharpness REAL, contrast REAL, has_data INTEGER, PRIMARY KEY (frame, row, "column")
) STRICT, WITHOUT ROWID;
CREATE TABLE pictures (
  frame INTEGER NOT NULL, kind TEXT NOT NULL, format TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
  file INTEGER NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (frame, kind)
) STRICT, WITHOUT ROWID;
"""

_COLUMNS_OF_FRAME = """
  frame recorded_at timestamp_ns record origin_x origin_y um_per_px height_px width_px rows columns
  tile_size_px repeats_frame reason alarms measured
"""
_COLUMNS_OF_TILE = "frame row column x y probability label logit reason measure value sharpness contrast has_data"
_COLUMNS_OF_PICTURE = "frame kind format bytes sha256 file place"
TABLES = ("session", "models", "calibrations", "frames", "tiles", "pictures")
"""Those that a session has; the last three hold something of each frame."""
FRAME = _COLUMNS_OF_FRAME.split()
"""The columns of `frames` that are written once, in their order; a frame's digest is over these and those below."""
TILE = _COLUMNS_OF_TILE.split()
"""The columns of `tiles`, in their order."""
PICTURE = _COLUMNS_OF_PICTURE.split()
"""The columns of `pictures`, in their order."""


def make_database(path: Path) -> sqlite3.Connection:
    """Make an empty database and return it, open for its writer; raises sqlite3.Error or OSError."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_S)
    connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):  # it says so, and raises nothing
        connection.close()
        raise sqlite3.OperationalError("disk I/O error: a log ahead of the database could not be begun")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(
        f"BEGIN; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SESSION_VERSION}; {_TABLES} COMMIT;"
    )
    return connection


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open a database for its one writer, which alone checkpoints; each commit is on the disk when it returns."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_S
    )
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def open_for_reading(path: Path) -> sqlite3.Connection:
    """Open a database that another process may be writing; nothing is changed, and nobody is kept waiting."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=BUSY_S, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = ON")
    return connection


class NewerSession(BadInput):
    """A session was made by a newer version, which may keep what this one does not know."""


def check_version(connection: sqlite3.Connection, name: str) -> None:
    """Raise BadInput where a database is no session, or NewerSession; sqlite3.Error where it cannot be read."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application == APPLICATION_ID and version == SESSION_VERSION:
        return
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not there >= set(TABLES):
        raise BadInput(f"{name}: expected a session of CancerNet Edge, found another SQLite database; check the path")
    said = connection.execute("SELECT session_version FROM session").fetchone()
    if said is None or said[0] <= SESSION_VERSION:
        raise sqlite3.DatabaseError("its header is not what was written")
    raise NewerSession(
        f"{name}: expected a session of version {SESSION_VERSION} or older, found {said[0]}: it was made by a newer "
        "CancerNet Edge; update this one to read it"
    )


def placeholders(columns: list[str]) -> str:
    """Return the question marks for so many columns."""
    return ", ".join("?" * len(columns))


def quoted(columns: list[str]) -> str:
    """Return column names as SQL has them: `column` and `row` are words of its own."""
    return ", ".join(f'"{name}"' for name in columns)
