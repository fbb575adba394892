"""Checkpoints of a fit: one an epoch, the last two kept, each whole or not there; written by one process for all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput

from .keras import tf

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_WORDS = tuple(os.strerror(number).lower() for number in sorted(_FULL))


def last_epoch(folder: Path) -> int:
    """Return after which epoch the newest checkpoint in a fit's folder was written, 0 where there is none."""
    found = tf.train.latest_checkpoint(str(folder / "checkpoints"))
    return int(found.rpartition("-")[2]) if found else 0


class Checkpoints:
    """The state of a fit on disk. Who does not lead takes part, as TensorFlow asks, but keeps nothing of it."""

    def __init__(self, folder: Path, leads: bool, **state: Any) -> None:
        self._kept = folder / "checkpoints"
        self._own = self._kept if leads else Path(tempfile.mkdtemp(prefix="checkpoints-"))
        self._leads = leads
        self._state = tf.train.Checkpoint(**state)
        self._manager = tf.train.CheckpointManager(self._state, str(self._own), max_to_keep=2)

    def restore(self) -> int:
        """Take up the newest checkpoint; return after which epoch it was written, 0 where there is none."""
        newest = tf.train.latest_checkpoint(str(self._kept))
        if newest:
            self._state.restore(newest).assert_existing_objects_matched()
        return last_epoch(self._kept.parent)

    def save(self, epoch: int) -> None:
        """Write the state after an epoch; the one before is deleted only then."""
        self._manager.save(checkpoint_number=epoch)
        if not self._leads:
            shutil.rmtree(self._own, ignore_errors=True)


@contextmanager
def disk_may_be_full(folder: Path) -> Iterator[None]:
    """Turn the errors of a full disk into one that says what is kept and what to do."""
    try:
        yield
    except (OSError, RuntimeError, tf.errors.OpError) as error:
        if getattr(error, "errno", None) in _FULL or any(words in str(error).lower() for words in _FULL_WORDS):
            raise BadInput(
                f"the disk of {folder} is full ({_first_line(error)}); the checkpoints before are whole: "
                "free some space and give the same command again"
            ) from error
        raise


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:200]
