"""Make a session's folder: it appears only when it is whole and on the disk."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from edge_runtime import __version__
from edge_runtime.calibration import Calibration
from edge_runtime.errors import BadInput
from edge_runtime.model_file import CARD, CONTRACT, ModelFile

from .folder import DATABASE, IN_THE_MAKING, folder_name, free_folder, make_root, sync_folder
from .lock import lock_folder
from .schema import SESSION_VERSION, make_database, open_for_writing, placeholders, quoted
from .writer import SessionWriter


@dataclass(frozen=True)
class About:
    """What a session is of."""

    slide: str
    """The label on the slide; empty where nobody said."""
    operator: str
    """Who is at the instrument; empty where nobody said."""
    camera: str
    """kind:name, as a calibration has it."""
    source: str
    """As a person gave it."""
    settings: Mapping[str, Any]
    """How frames are judged: operating point, context, gates, looks, interpreter, kernels, and what is kept."""
    model: ModelFile
    """Which model judges; it is kept whole, so that it can judge again in years."""
    calibration: Calibration | None
    """Which calibration of the instrument; kept whole; None: none."""


def create_session(root: Path, about: About, now: datetime) -> SessionWriter:
    """Make a session's folder and open it; it appears under its name only when it is whole and on the disk.

    Raises BadInput where a person must choose another folder, OSError or sqlite3.Error where the disk failed.
    """
    make_root(root)
    name = folder_name(now, about.slide)
    half = free_folder(root, f"{IN_THE_MAKING}{name}")
    try:
        half.mkdir()
    except PermissionError as error:
        raise BadInput(f"expected a folder that can be written to, found {root}; give another --session") from error
    made, lock = half, None
    try:
        lock = lock_folder(half)
        if lock is None:
            raise OSError(f"{half} is held by another process")
        with contextlib.closing(make_database(half / DATABASE)) as connection:
            _introduce(connection, about, name, now)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # closing would do so, too, and say nothing
        sync_folder(half)
        made = half.rename(free_folder(root, name))
        sync_folder(root)
        return SessionWriter(made, _open(made), lock)
    except BaseException:
        if lock is not None:
            lock.release()
        shutil.rmtree(made, ignore_errors=True)  # nothing was recorded in it
        raise


def _open(folder: Path) -> sqlite3.Connection:
    """Open a new session's database, with its log already there: SQLite does not say where that was not listed."""
    connection = open_for_writing(folder / DATABASE)
    try:
        connection.execute("UPDATE session SET said = said")
        sync_folder(folder)
    except BaseException:
        connection.close()
        raise
    return connection


def _introduce(connection: sqlite3.Connection, about: About, name: str, now: datetime) -> None:
    """Write what is known before the first frame."""
    model, calibration = about.model, about.calibration
    parts = [model.part(part).decode() for part in (CONTRACT, CARD)]
    connection.execute("BEGIN")
    connection.execute(
        "INSERT INTO models VALUES (?, ?, ?, ?, ?)",
        (model.sha256, f"{model.contract.name} {model.contract.version}", *parts, model.content),
    )
    if calibration is not None:
        content = json.dumps({"sha256": calibration.sha256, **calibration.content()}, ensure_ascii=False)
        connection.execute("INSERT INTO calibrations VALUES (?, ?)", (calibration.sha256, content))
    values = {
        "id": name,
        "made_at": now.isoformat(timespec="seconds"),
        "operator": about.operator,
        "slide": about.slide,
        "camera": about.camera,
        "source": about.source,
        "software": f"cancernet-edge {__version__}",
        "session_version": SESSION_VERSION,
        "settings": json.dumps(about.settings),
        "model_sha256": model.sha256,
        "calibration_sha256": None if calibration is None else calibration.sha256,
    }
    columns = list(values)
    connection.execute(
        f"INSERT INTO session ({quoted(columns)}) VALUES ({placeholders(columns)})",
        [text.encode("utf-8", "replace").decode() if isinstance(text, str) else text for text in values.values()],
    )
    connection.execute("COMMIT")
