"""What stands behind `cancernet sessions`: list them, and mend those that need it."""

from __future__ import annotations

import argparse
import json
import sqlite3
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from edge_runtime.errors import EXIT_BAD_INPUT, EXIT_DONE, BadInput

from .at_work import tell
from .budget import used_bytes
from .folder import DATABASE, IN_THE_MAKING, sessions_in
from .lock import lock_folder
from .mending import mend
from .reading import read_session

RUNNING, CUT_OFF = "running", "cut_off"
"""What a list says of a session that did not end: another process writes it, or it is to be mended."""


def sessions_job(args: argparse.Namespace) -> int:
    """Print a line of JSON a session; with --mend, check every one first. Exit code 2 when one cannot be read."""
    folders = _folders(args.path)
    if args.mend:
        _mend_all(folders)
    found = [describe_session(folder) for folder in folders]
    for each in found:
        print(json.dumps(each, ensure_ascii=False))
    return EXIT_BAD_INPUT if any("trouble" in each for each in found) else EXIT_DONE


def _mend_all(folders: list[Path]) -> None:
    """Check every session, and mend those that need it; say what came of it."""
    mended, troubles = [], []
    for folder in folders:
        try:
            mended.append(mend(folder, datetime.now(timezone.utc), look=True))
        except (BadInput, OSError, sqlite3.Error) as error:
            troubles.append(f"{folder}: not mended: {error}")
    tell([each for each in mended if each is not None], troubles)


def _folders(path: Path) -> list[Path]:
    """Return the sessions that a person means: one by its own folder, or all of a folder."""
    if any(path.glob(f"{DATABASE}*")) and not path.name.startswith(IN_THE_MAKING):
        return [path]
    found = sessions_in(path)
    if not found:
        raise BadInput(f"expected a session, or a folder of them, found none at {path}; check the path")
    return found


def describe_session(folder: Path) -> dict[str, Any]:
    """Return what a list of sessions says of one, or what is wrong with it."""
    try:
        with read_session(folder) as session:
            info, frames = session.info, len(session)
            marked = session.connection.execute("SELECT count(*) FROM frames WHERE marked").fetchone()[0]
    except (BadInput, sqlite3.Error) as error:
        return {"folder": str(folder), "trouble": str(error)}
    lock = lock_folder(folder)
    if lock is not None:
        lock.release()
    return {
        "folder": str(folder),
        "slide": info.slide,
        "operator": info.operator,
        "made_at": info.made_at,
        "ended_at": info.ended_at,
        "ended_by": info.ended_by or (RUNNING if lock is None else CUT_OFF),
        "frames": frames,
        "marked": marked,
        "megabytes": round(used_bytes(folder) / 1e6, 1),
        "said": list(info.said),
    }
