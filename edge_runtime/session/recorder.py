"""The sink `session`: records each frame, or raises an alarm and lets classification go on until the disk is back."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from edge_runtime.alarms import STORAGE_FAILED, STORAGE_FULL, Alarm
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult

from .budget import Budget
from .held import Entry, Held
from .keep import pictures_of
from .rows import rows_of
from .writer import SessionWriter

log = logging.getLogger(__name__)

RETRY_S = 2.0
"""How long a failed disk is left alone before the next try; judging does not wait meanwhile."""


class Recorder:
    """Takes each frame with its result. It never raises for a disk that fails: `standing_alarms` tells of it."""

    def __init__(
        self,
        create: Callable[[datetime], SessionWriter],
        keep: str,
        budget: Budget,
        retry_s: float = RETRY_S,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    ) -> None:
        """Take what makes the session, which pictures to keep (keep.KEEP), and the room for them.

        Raises BadInput where the session's folder cannot be used; a disk that fails is tried again later.
        """
        self._create, self._keep, self._budget = create, keep, budget
        self._retry_s, self._clock, self._now = retry_s, clock, now
        self._began = now()
        self._writer: SessionWriter | None = None
        self._waiting = Held()
        self._not_before = float("-inf")
        self._failure: str | None = None
        self._no_room = self._closed = False
        self._recorded = self._failures = 0
        self._ended_by: str | None = None
        self._flush()

    @property
    def folder(self) -> Path | None:
        """The session's folder; None until it could be made."""
        return None if self._writer is None else self._writer.folder

    @property
    def writer(self) -> SessionWriter | None:
        """What marks frames and changes the label; None until the session could be made."""
        return self._writer

    def standing_alarms(self) -> tuple[Alarm, ...]:
        """Return those that stand; they are told with the next frame."""
        found = []
        if self._failure is not None:
            found.append(Alarm(STORAGE_FAILED, len(self._waiting) + self._waiting.lost, 0, self._failure))
        if self._no_room:
            found.append(Alarm(STORAGE_FULL, self._waiting.without_pictures, 0))
        return tuple(found)

    def write(self, frame: Frame | None, result: FrameResult) -> None:
        """Record one result; where the disk fails, it waits in memory, with those that follow."""
        rows = rows_of(frame, result, self._now())
        self._waiting.add(Entry(rows, pictures_of(frame, result, self._keep)))
        if self._clock() >= self._not_before:
            self._flush()
        self._waiting.hold_memory()

    def _flush(self) -> None:
        """Write what waits, oldest first, as far as the disk takes it."""
        try:
            if self._writer is None:
                self._writer = self._create(self._began)
            while self._waiting:
                self._write_first(self._writer)
                self._waiting.pop()
                self._recorded += 1
        except (OSError, sqlite3.Error) as error:
            self._failures += 1
            self._not_before = self._clock() + self._retry_s
            self._failure = _words(error)
        else:
            self._failure = None

    def _write_first(self, writer: SessionWriter) -> None:
        """Write the oldest frame that waits; without its pictures where there is no room for them."""
        if size := self._waiting.first().picture_bytes:
            self._no_room = not self._budget.take(size, writer.folder)
            if self._no_room:
                self._waiting.strip_first()
        entry = self._waiting.first()
        writer.write(entry.rows, entry.pictures)

    def end(self, ended_by: str) -> None:
        """Say by what the session ends; `close` writes it."""
        self._ended_by = ended_by

    def close(self) -> None:
        """Try once more to write what waits, and end the session; calling it again does nothing."""
        if self._closed:
            return
        self._closed = True
        self._flush()
        if self._writer is not None:
            try:
                self._writer.end(self._ended_by or "interrupted", self._now())
            except (OSError, sqlite3.Error) as error:
                self._failures += 1
                self._failure = _words(error)
            self._writer.close()
        self._waiting.give_up()
        if self._waiting.lost:
            log.error("%d frames could not be recorded in the session: %s", self._waiting.lost, self._failure)

    def summary(self) -> dict[str, Any]:
        """Return what became of the session, as the summary of the run holds it."""
        return {
            "folder": None if self.folder is None else str(self.folder),
            "frames_recorded": self._recorded,
            "frames_not_recorded": self._waiting.lost + len(self._waiting),
            "frames_without_pictures": self._waiting.without_pictures,
            "storage_failures": self._failures,
            "last_failure": self._failure,
        }


def _words(error: OSError | sqlite3.Error) -> str:
    """Return what failed, in the system's words."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else f"the database says: {error}"
