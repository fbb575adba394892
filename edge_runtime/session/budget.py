"""How much room pictures may take. Downloads go first, then those of the oldest finished sessions; records stay."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from .folder import SPARE, sessions_in
from .lock import lock_folder
from .picture_file import picture_files

log = logging.getLogger(__name__)

RESERVE_BYTES = 256_000_000
"""Of the disk, that pictures leave free: room for the records of 30,000 frames."""
LOOK_AGAIN_S = 30.0
"""How long it rests on there being no room; looking takes a few ms."""


class Budget:
    """Room for pictures under a folder of sessions."""

    def __init__(
        self,
        root: Path,
        cap_bytes: int | None = None,
        reserve_bytes: int = RESERVE_BYTES,
        free_bytes: Callable[[Path], int] = lambda root: shutil.disk_usage(root).free,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the folder, how much all that is in it may take (None: what the disk has), and what to leave free."""
        self._root, self._cap, self._reserve = root, cap_bytes, reserve_bytes
        self._free_bytes, self._clock = free_bytes, clock
        self._left, self._not_before = 0, float("-inf")

    def take(self, size: int, own: Path) -> bool:
        """Take room for so many bytes of pictures of the session `own`; False where there is none left.

        Raises OSError where the disk does not say what it has.
        """
        if size > self._left:
            if self._clock() < self._not_before:
                return False
            self._left = self._look()
            if size > self._left:
                self._make_room(size, own)
            if size > self._left:
                self._not_before = self._clock() + LOOK_AGAIN_S
                return False
        self._left -= size
        return True

    def _look(self) -> int:
        """Return how many bytes may still be written."""
        left = self._free_bytes(self._root) - self._reserve
        return left if self._cap is None else min(left, self._cap - used_bytes(self._root))

    def _make_room(self, size: int, own: Path) -> None:
        if (spare := self._root / SPARE).is_dir():
            shutil.rmtree(spare, ignore_errors=True)
            self._left = self._look()
        for folder in sessions_in(self._root):
            if size <= self._left:
                return
            if folder != own and remove_pictures(folder):
                log.warning("storage: the pictures of %s were removed to make room; its records stay", folder.name)
                self._left = self._look()


def remove_pictures(folder: Path) -> bool:
    """Remove the pictures of a session that nobody is writing; tell whether there were any.

    They are files of their own, so nothing has to be written for it, which a full disk would refuse.
    """
    files = picture_files(folder)
    lock = lock_folder(folder) if files else None
    if lock is None:
        return False
    try:
        for file in files:
            file.unlink(missing_ok=True)
    finally:
        lock.release()
    return True


def used_bytes(root: Path) -> int:
    """Return what all files below a folder take; one that goes meanwhile takes nothing."""
    total = 0
    for file in root.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if file.is_file():
                total += file.stat().st_size
    return total
