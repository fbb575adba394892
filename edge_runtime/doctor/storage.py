"""Where the records go: is there room, can it be written, and does what was written come back?"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .finding import FAILED, OK, WARNING, Finding
from .look import Look

LEAST_MB, LITTLE_MB = 200, 2000
"""Below the first a run has no room; below the second a session of pictures may fill it within a day."""
SLOW_S = 0.2
"""A card that takes longer to keep 64 kB is worn out or a poor one: each frame waits so long for its record."""
_BLOCK = os.urandom(1 << 16)
_TIMES = 8


def check_disk(look: Look) -> Iterator[Finding]:
    """See how much room there is for records, and write some for a try."""
    folder = _existing(look.folder.absolute())
    room = "delete what is not needed, or give another folder with --records"
    try:
        free_mb = shutil.disk_usage(folder).free / 1e6
        slowest_s = _write_and_read(folder)
    except OSError as error:
        yield Finding("disk", FAILED, f"{folder}: cannot be written: {error.strerror}", _mend(error, folder))
        return
    what = f"{folder}: {free_mb / 1000:.1f} GB free, a record is safe after {slowest_s * 1e3:.0f} ms at most"
    if free_mb < LEAST_MB:
        yield Finding("disk", FAILED, what, room)
    elif free_mb < LITTLE_MB:
        yield Finding("disk", WARNING, what, room)
    elif slowest_s > SLOW_S:
        yield Finding("disk", WARNING, what, "take a new card (class A1 or A2), or an SSD")
    else:
        yield Finding("disk", OK, what)


def _existing(folder: Path) -> Path:
    """Return a folder, or the nearest above it that is there: a run makes the rest."""
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def _write_and_read(folder: Path) -> float:
    """Write some blocks as records are written, read them again, and return the slowest write, s."""
    slowest = 0.0
    with tempfile.TemporaryFile(dir=folder, prefix=".cancernet-doctor.") as file:
        for _ in range(_TIMES):
            began = time.perf_counter()
            file.write(_BLOCK)
            file.flush()
            os.fsync(file.fileno())
            slowest = max(slowest, time.perf_counter() - began)
        file.seek(0)
        if file.read() != _BLOCK * _TIMES:
            raise OSError(errno.EIO, "what was written did not come back")
    return slowest


def _mend(error: OSError, folder: Path) -> str:
    if isinstance(error, PermissionError):
        return f"give another folder with --records, or make it yours: sudo chown $USER {folder}"
    if error.errno == errno.EROFS:
        return "it is mounted read-only; a card that becomes so by itself is worn out: take a new one"
    return "check the card or the stick; take another one"
