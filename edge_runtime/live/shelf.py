"""Recorded sessions, as the page lists them: known by their listing alone, never by a path that somebody sends."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_runtime.session.folder import DATABASE, sessions_in
from edge_runtime.session.listing import RUNNING, describe_session
from edge_runtime.session.lock import lock_folder

from .instrument import NotNow, NotThere

_GONE = ".gone-"
"""Begins the name of a folder that is being deleted; what a pulled plug left of one goes at the next start."""


@dataclass(frozen=True)
class Listed:
    """A session, as a list has it."""

    id: str
    """Name of its folder."""
    slide: str = ""
    """The label on the slide."""
    operator: str = ""
    """Who was at the instrument."""
    made_at: str | None = None
    """ISO 8601, UTC."""
    ended_at: str | None = None
    """None: it goes on, or was cut off."""
    ended_by: str | None = None
    """What ended it; `running`: it goes on; `cut_off`: the plug was pulled, and nobody mended it yet."""
    frames: int = 0
    """Recorded."""
    marked: int = 0
    """Of these, marked."""
    megabytes: float = 0.0
    """On the disk, 1e6 bytes."""
    said: tuple[str, ...] = ()
    """What is to be known of it, as what was lost."""
    trouble: str | None = None
    """Why it cannot be read; None: it can."""


class Shelf:
    """A folder of sessions."""

    def __init__(self, root: Path | None) -> None:
        """Take the folder; None: nothing is recorded."""
        self.root = root
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Any, Listed]] = {}

    def folders(self) -> dict[str, Path]:
        """Return the folders by their name, the newest first; links lead elsewhere and are left out."""
        found = sessions_in(self.root) if self.root is not None else []
        return {each.name: each for each in reversed(found) if not each.is_symlink()}

    def find(self, name: str) -> Path:
        """Return a session's folder; raises NotThere."""
        found = self.folders().get(name)
        if found is None or (found / DATABASE).is_symlink():
            raise NotThere("expected a session of the list, found none of that name; ask for the list")
        return found

    def listed(self) -> list[Listed]:
        """Return all of them, the newest first; what did not change is not read again."""
        with self._lock:
            folders = self.folders()
            self._known = {name: self._know(name, folder) for name, folder in folders.items()}
            return [self._known[name][1] for name in folders]

    def _know(self, name: str, folder: Path) -> tuple[Any, Listed]:
        state, known = fingerprint(folder), self._known.get(name)
        if known is not None and known[0] == state and known[1].ended_by != RUNNING:
            return known
        return state, describe(folder)

    def delete(self, name: str) -> None:
        """Delete a session for good; raises NotThere, and NotNow where somebody writes it."""
        folder = self.find(name)
        lock = lock_folder(folder)
        if lock is None:
            raise NotNow(
                "expected a session that has ended, found one that is being recorded or downloaded; wait for it"
            )
        try:
            gone = folder.with_name(f"{_GONE}{folder.name}")
            folder.rename(gone)
        finally:
            lock.release()
        shutil.rmtree(gone)

    def sweep(self) -> None:
        """Delete what was left where the plug was pulled while a session was deleted."""
        if self.root is not None and self.root.is_dir():
            for each in self.root.glob(f"{_GONE}*"):
                shutil.rmtree(each, ignore_errors=True)


def describe(folder: Path) -> Listed:
    """Return what a list says of a session."""
    told = describe_session(folder)
    if "trouble" in told:
        return Listed(folder.name, trouble=told["trouble"].replace(str(folder.parent), "").lstrip("/"))
    del told["folder"]
    return Listed(folder.name, **{**told, "said": tuple(told["said"])})


def fingerprint(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what changes when a session does: name, size and time of its files."""
    found = []
    for path in sorted(folder.iterdir()):
        try:
            state = path.stat()
        except FileNotFoundError:
            continue
        if not path.name.endswith("-shm"):  # readers make it
            found.append((path.name, state.st_size, state.st_mtime_ns))
    return tuple(found)
