"""Who holds a session: one process at a time, by a lock on its folder that ends with the process, however it ends."""

from __future__ import annotations

import os
from pathlib import Path

from edge_runtime.errors import BadInput


class FolderLock:
    """An exclusive lock on a folder, held until `release`; flock(2), so that no file has to be left lying about."""

    def __init__(self, descriptor: int) -> None:
        """Take the descriptor that holds it."""
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Let it go; calling it again does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def lock_folder(folder: Path, shared: bool = False) -> FolderLock | None:
    """Lock a folder, or return None where another holds it; raises OSError where it is not there.

    A shared lock is for those who copy the files: any number of them at once, and no writer beside them.
    """
    try:
        import fcntl
    except ImportError as error:  # Windows
        raise BadInput("expected a system that can lock a folder (Linux, macOS) for --session; leave it out") from error
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except BaseException:
        os.close(descriptor)
        raise
    return FolderLock(descriptor)
