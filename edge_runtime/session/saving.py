"""Save a damaged session: a new database of what can be read, the damaged one kept, and sentences of what was lost."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge_runtime.errors import BadInput

from .folder import DATABASE, sync_folder
from .reading import read_info
from .salvage import salvage
from .schema import open_for_reading, open_for_writing
from .wal import look_at_log

DAMAGED, MENDING = f"{DATABASE}.damaged", f"{DATABASE}.mending"
LOG = "-wal"
POWER = "power"
"""How a session ended that never said so: the plug was pulled, or its process killed."""


@dataclass(frozen=True)
class Mended:
    """What was done with a session."""

    folder: Path
    """Which one."""
    frames: int
    """How many frames it has now."""
    had_ended: bool
    """Whether it had ended as it should."""
    said: tuple[str, ...]
    """What was found and lost, in sentences; none: it had only not been ended."""


def save(folder: Path, now: datetime, damaged: Path) -> Mended:
    """Save what can be read of a damaged database and its log, which are kept."""
    log, target = Path(f"{damaged}{LOG}"), folder / MENDING
    if (left := Path(f"{folder / DATABASE}{LOG}")).exists():
        left.rename(log)
    Path(f"{folder / DATABASE}-shm").unlink(missing_ok=True)
    frames, lost = salvage(damaged, log, target)
    said = [f"it was damaged; {frames} frames were saved, and what is damaged is kept as {damaged.name}"]
    if lost:
        said.append(f"{len(lost)} frames could not be saved: {_ranges(lost)}")
    with contextlib.closing(open_for_reading(target)) as connection:
        info = read_info(connection)
        if connection.execute("SELECT 1 FROM models WHERE sha256 = ?", (info.model_sha256,)).fetchone() is None:
            said.append("its model could not be saved, so that it is replayed only with another one")
    if later := look_at_log(log).lost:
        said.append(f"its log was damaged, and {later} later frames or marks in it could not be read")
    with contextlib.closing(open_for_writing(target)) as connection:
        set_end(connection, now, said)
        connection.execute("PRAGMA journal_mode = DELETE")
    target.replace(folder / DATABASE)
    sync_folder(folder)
    return Mended(folder, frames, False, tuple(said))


def newest_damaged(folder: Path) -> Path:
    """Return the database that was damaged last, of a session whose saving was cut off; BadInput without one."""
    found = [path for path in folder.glob(f"{DAMAGED}*") if not path.name.endswith((LOG, "-shm"))]
    if not found:
        raise BadInput(f"{folder}: expected {DATABASE}, found only a log of it; what is in it cannot be read alone")
    return max(found, key=lambda path: path.stat().st_ctime_ns)


def set_end(connection: sqlite3.Connection, now: datetime, said: Sequence[str]) -> None:
    """Write that a session ended with its last frame, and what is to be said of it."""
    last = connection.execute("SELECT max(recorded_at) FROM frames").fetchone()[0]
    before = json.loads(connection.execute("SELECT said FROM session").fetchone()[0])
    connection.execute(
        "UPDATE session SET ended_at = coalesce(ended_at, ?), ended_by = coalesce(ended_by, ?), said = ?",
        (last or now.isoformat(timespec="seconds"), POWER, json.dumps([*before, *said])),
    )


def free_name(path: Path) -> Path:
    """Return a path of that name that is not taken."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}.{number}")
    return free


def _ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as people write them: 3, 7-9."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(f"{low}" if low == high else f"{low}-{high}" for low, high in parts)
