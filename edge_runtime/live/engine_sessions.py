"""Sessions as the page starts, leads and ends them."""

from __future__ import annotations

import contextlib
import copy
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

from edge_runtime.errors import BadInput
from edge_runtime.session.at_work import open_session
from edge_runtime.session.folder import check_label
from edge_runtime.session.options import FIELDS, KEEP

from .instrument import NotNow
from .parts import Parts
from .recording import Recording
from .round_setup import Setup
from .state_parts import RecordingState


class Sessions:
    """The session that is being recorded, if there is one; asked from any thread."""

    def __init__(self, parts: Parts, control: threading.RLock, changed: Callable[[], object]) -> None:
        """Take the parts, the lock of all that a page leads, and who is told of a change."""
        self._parts, self._control, self._changed = parts, control, changed
        self.recording: Recording | None = None
        """The session; None: nothing is recorded."""

    def start(self, setup: Setup | None, phase: str, slide: str, operator: str, keep: str) -> RecordingState:
        """Begin to record what `setup` judges; None: nothing is judged, in that phase. Empty: as started.

        Raises NotNow, BadInput.
        """
        with self._control:
            if self._parts.args.session is None:
                raise NotNow("expected a folder for sessions, found none; start with --session DIR")
            if self.recording is not None:
                raise NotNow("expected no session under way, found one; end it first")
            if setup is None or setup.pipeline is None:
                raise NotNow(f"expected an instrument that judges frames, found it {phase}")
            keep = keep or self._parts.args.keep or FIELDS
            if keep not in KEEP:
                raise BadInput(f"expected one of {', '.join(KEEP)} to keep, found {keep!r}")
            args = copy.copy(self._parts.args)
            args.slide, args.keep = check_label(slide, "label of a slide"), keep
            args.operator = check_label(operator or args.operator or "", "name of an operator")
            began = datetime.now(timezone.utc)
            model, network, gates = self._parts.model, self._parts.network, self._parts.gates
            recorder = open_session(args, setup.pipeline, model, network, gates, setup.calibration, setup.looks)
            self.recording = Recording(recorder, args.slide, args.operator, keep, began)
            self._changed()
            return self.recording.state()

    def end(self, ended_by: str) -> bool:
        """End the session; tell whether there was one."""
        with self._control:
            recording, self.recording = self.recording, None
            self._changed()
        if recording is None:
            return False
        recording.end(ended_by)
        return True

    def relabel(self, slide: str) -> RecordingState:
        """Change the slide's label; raises NotNow, BadInput."""
        with self._recorded() as recording:
            recording.relabel(slide)
            return recording.state()

    def mark(self, frame: int, marked: bool, note: str) -> RecordingState:
        """Mark a frame, or take the mark away; raises NotNow, NotThere, BadInput."""
        with self._recorded() as recording:
            recording.mark(frame, marked, note)
            return recording.state()

    @contextlib.contextmanager
    def _recorded(self) -> Iterator[Recording]:
        with self._control:
            if self.recording is None:
                raise NotNow("expected a session under way, found none; start one")
            self._changed()
            yield self.recording
