"""Where sessions lie: a folder each, named by when it began and which slide it is of."""

from __future__ import annotations

import os
import re
from datetime import datetime, timezone
from pathlib import Path

from edge_runtime.errors import BadInput

DATABASE = "session.sqlite"
"""Name of the database in a session's folder."""

IN_THE_MAKING = ".new-"
"""Such folders hold a session that never began: the plug was pulled while it was made."""
SPARE = ".downloads"
"""Such a folder beside the sessions holds what was made of them and can be made again; it goes before any picture."""
_LONGEST_LABEL, _LONGEST_NAME = 200, 60
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


def check_label(text: str, what: str) -> str:
    """Return a person's label or name, without blanks around it; BadInput where it cannot be one."""
    text = text.strip()
    if len(text) > _LONGEST_LABEL or not text.isprintable():
        raise BadInput(
            f"expected a {what} of at most {_LONGEST_LABEL} printable characters, found {text[:40]!r} "
            f"({len(text)} characters); give a shorter one"
        )
    return text


def folder_name(now: datetime, slide: str) -> str:
    """Return the name of a session's folder; any label becomes one that every file system takes."""
    label = _UNFIT.sub("_", slide).strip("._-")[:_LONGEST_NAME]
    return f"{now.astimezone(timezone.utc):%Y-%m-%dT%H%M%SZ}-{label or 'slide'}"


def free_folder(root: Path, name: str) -> Path:
    """Return a folder of that name that is not there yet, numbered where it is."""
    candidate, number = root / name, 1
    while candidate.exists():
        number += 1
        candidate = root / f"{name}-{number}"
    return candidate


def sessions_in(root: Path) -> list[Path]:
    """Return the folders of all sessions, the oldest first; none where the folder is not there."""
    if not root.is_dir():
        return []
    found = (entry for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    return sorted(entry for entry in found if any(entry.glob(f"{DATABASE}*")))


def find_database(path: Path) -> Path:
    """Return the database of a session that a person named by its folder, or by the file itself."""
    if path.is_dir():
        path = path / DATABASE
    if not path.is_file():
        raise BadInput(f"expected a session, a folder with {DATABASE} in it, found none at {path}; check the path")
    return path


def make_root(root: Path) -> None:
    """Make the folder of all sessions; BadInput where a person must choose another, OSError where the disk failed."""
    try:
        root.mkdir(parents=True, exist_ok=True)
    except (PermissionError, FileExistsError, NotADirectoryError) as error:
        raise BadInput(f"cannot make the folder {root}: {error.strerror}; give another --session") from error


def sync_folder(folder: Path) -> None:
    """Put what a folder lists onto the disk: a new or renamed file is only then there after the plug was pulled."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
