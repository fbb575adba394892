"""Put right what a pulled plug left: sessions that never ended are checked, ended, and saved where they are damaged."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from datetime import datetime
from pathlib import Path

from edge_runtime.errors import BadInput

from .folder import DATABASE, IN_THE_MAKING, sessions_in
from .lock import lock_folder
from .reading import Session, read_info
from .saving import DAMAGED, LOG, MENDING, Mended, free_name, newest_damaged, save, set_end
from .schema import NewerSession, check_version, open_for_reading, open_for_writing
from .wal import look_at_log

DISK_FAILS = ("disk I/O error", "database or disk is full", "unable to open")
"""What SQLite says where the disk fails now, which tells nothing of what lies on it."""


def mend_sessions(root: Path, now: datetime) -> tuple[list[Mended], list[str]]:
    """Mend all sessions of a folder that need it, but those that are being written; return them, and what could not be.

    What cannot be mended (a newer version, a disk that fails) is left as it is.
    """
    for half in root.glob(f"{IN_THE_MAKING}*"):
        _remove_unbegun(half)
    mended, troubles = [], []
    for folder in sessions_in(root):
        try:
            found = mend(folder, now)
        except (BadInput, OSError, sqlite3.Error) as error:
            troubles.append(f"{folder}: not mended: {error}")
        else:
            if found is not None:
                mended.append(found)
    return mended, troubles


def _remove_unbegun(half: Path) -> None:
    """Remove what is left of a session that never began, unless it is being made."""
    with contextlib.suppress(OSError):
        if (lock := lock_folder(half)) is not None:
            shutil.rmtree(half, ignore_errors=True)
            lock.release()


def mend(folder: Path, now: datetime, look: bool = False) -> Mended | None:
    """Mend one session; None where it needs nothing, or another process writes it.

    `look` checks it also where it ended as it should. Raises BadInput for a newer version, OSError or sqlite3.Error.
    """
    if not look and _ended(folder):
        return None
    lock = lock_folder(folder)
    if lock is None:
        return None
    try:
        return _mend(folder, now)
    finally:
        lock.release()


def _ended(folder: Path) -> bool:
    """Whether a session ended as it should and lies there as one file."""
    database = folder / DATABASE
    if not database.is_file() or Path(f"{database}{LOG}").exists() or (folder / MENDING).exists():
        return False
    try:
        with contextlib.closing(open_for_reading(database)) as connection:
            check_version(connection, str(database))
            return read_info(connection).ended_by is not None
    except (sqlite3.Error, ValueError) as error:
        if isinstance(error, BadInput):
            raise
        return False


def _mend(folder: Path, now: datetime) -> Mended | None:
    database = folder / DATABASE
    if not database.exists():  # the plug was pulled while it was saved
        return save(folder, now, newest_damaged(folder))
    if not look_at_log(Path(f"{database}{LOG}")).lost and (found := _end(database, now)) is not None:
        return found
    damaged = free_name(folder / DAMAGED)
    database.rename(damaged)
    return save(folder, now, damaged)


def _end(database: Path, now: datetime) -> Mended | None:
    """End a session that is whole; return None where it is not, and is left as it is."""
    try:
        with contextlib.closing(open_for_reading(database)) as connection:
            check_version(connection, str(database))
            if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
                return None
            session = Session(database.parent, read_info(connection), connection)
            frames = sum(1 for _ in session.frames())
            session.model()
            if session.warnings:
                return None
        with contextlib.closing(open_for_writing(database)) as connection:
            if session.info.ended_by is None:
                set_end(connection, now, ())
            with contextlib.suppress(sqlite3.OperationalError):  # somebody reads it: it keeps its log beside it
                connection.execute("PRAGMA journal_mode = DELETE")
    except (sqlite3.Error, ValueError) as error:
        if isinstance(error, NewerSession) or any(word in str(error) for word in DISK_FAILS):
            raise
        return None
    return Mended(database.parent, frames, session.info.ended_by is not None, ())
