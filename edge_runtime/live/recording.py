"""The session that is being recorded, shared by the thread of the frames and those of the page."""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime

from edge_runtime.alarms import Alarm
from edge_runtime.errors import BadInput
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult
from edge_runtime.session.folder import check_label
from edge_runtime.session.recorder import Recorder
from edge_runtime.session.writer import SessionWriter

from .instrument import NotNow, NotThere
from .state_parts import RecordingState

LONGEST_NOTE = 2000
"""Characters of what somebody writes of a field."""


class Recording:
    """A Recorder with what the page has to know of it."""

    def __init__(self, recorder: Recorder, slide: str, operator: str, keep: str, began_at: datetime) -> None:
        """Take an open recorder and what it records."""
        self._recorder = recorder
        self._slide, self._operator, self._keep = slide, operator, keep
        self._began_at = began_at.isoformat(timespec="seconds")
        self._marked: set[int] = set()
        self._turn = threading.Lock()
        self.is_over = False
        """Whether it ended."""

    def write(self, frame: Frame | None, result: FrameResult) -> None:
        """Record a frame, unless the session just ended."""
        with self._turn:
            if not self.is_over:
                self._recorder.write(frame, result)

    def alarms(self) -> tuple[Alarm, ...]:
        """Return those of the disk."""
        return self._recorder.standing_alarms()

    def end(self, ended_by: str) -> None:
        """End the session after the frame in hand; a second time does nothing."""
        with self._turn:
            self.is_over = True
            self._recorder.end(ended_by)
            self._recorder.close()

    def relabel(self, slide: str) -> None:
        """Change the slide's label; raises BadInput, NotNow."""
        slide = check_label(slide, "label of a slide")
        try:
            self._writer().relabel(slide)
        except (OSError, sqlite3.Error) as error:
            raise _disk_fails(error) from error
        self._slide = slide

    def mark(self, frame: int, marked: bool, note: str) -> None:
        """Mark a frame, or take the mark away; raises BadInput, NotThere, NotNow."""
        note = check_note(note)
        writer = self._writer()
        try:
            writer.mark(frame, marked, note if marked else "")
        except BadInput as error:
            raise NotThere(str(error)) from error
        except (OSError, OverflowError, sqlite3.Error) as error:
            raise _disk_fails(error) from error
        (self._marked.add if marked else self._marked.discard)(frame)

    def state(self) -> RecordingState:
        """Return it as the page shows it."""
        folder, sums = self._recorder.folder, self._recorder.summary()
        return RecordingState(
            id="" if folder is None else folder.name,
            slide=self._slide,
            operator=self._operator,
            keep=self._keep,
            began_at=self._began_at,
            frames=sums["frames_recorded"],
            marked=tuple(sorted(self._marked)),
            waiting=sums["frames_not_recorded"] if self.alarms() else 0,
        )

    def _writer(self) -> SessionWriter:
        writer = self._recorder.writer
        if writer is None:
            raise NotNow("expected a session on the disk, found that the disk fails; make room, or take another one")
        return writer


def check_note(text: str) -> str:
    """Return what somebody wrote of a field, without blanks around it; BadInput where it cannot be a note."""
    text = text.strip()
    if len(text) > LONGEST_NOTE or not all(sign.isprintable() or sign == "\n" for sign in text):
        raise BadInput(
            f"expected a note of at most {LONGEST_NOTE} printable characters, found {text[:40]!r} ({len(text)} "
            "characters); give a shorter one"
        )
    return text


def _disk_fails(error: Exception) -> NotNow:
    return NotNow(f"expected a disk that can be written to, found: {error}; try again when its alarm is over")
