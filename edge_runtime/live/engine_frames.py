"""The side of the engine that the thread of the frames sees: what is made of each frame, and what is said of it all."""

from __future__ import annotations

from collections.abc import Callable

from edge_runtime.alarms import Alarm
from edge_runtime.pipeline import Pipeline
from edge_runtime.records import Frame, LostFrame
from edge_runtime.results import FrameResult
from edge_runtime.run import Judge
from edge_runtime.tally import SOURCE_ENDED

from .counts import Counts
from .engine_sessions import Sessions
from .engine_walks import Walks
from .feeling import Feeling
from .frame_times import FrameTimes
from .hub import Hub
from .parts import Parts
from .recording import Recording
from .round_setup import Setup
from .state import RUNNING, STARTING
from .unjudged import Unjudged


class Frames:
    """A `rounds.Leader`, and the sink of its results."""

    def __init__(
        self,
        parts: Parts,
        sessions: Sessions,
        walks: Walks,
        unjudged: Unjudged,
        changed: Callable[[], object],
    ) -> None:
        """Take the parts, what a page leads, what is said of frames that are only shown, and who hears of changes."""
        self._parts, self._sessions, self._walks = parts, sessions, walks
        self._unjudged, self._changed = unjudged, changed
        self._feeling = Feeling()
        self.hub, self.counts, self.times = Hub(self._feeling), Counts(), FrameTimes()
        """Views; sums; how long frames took, stage by stage."""
        self.phase: str = STARTING
        """How it goes: one of PHASES."""
        self.message: str | None = None
        """What to do about it."""
        self.setup: Setup | None = None
        """What is at work; None before the first round."""
        self._attached: Recording | None = None
        self._to_record: str | None = parts.args.record

    def says(self, phase: str, message: str | None) -> None:
        """Take the phase that begins."""
        self.phase, self.message = phase, message
        self._changed()
        if phase == RUNNING and self._to_record is not None:
            slide, self._to_record = self._to_record, None
            self._sessions.start(self.setup, phase, slide, "", "")

    def works_with(self, setup: Setup) -> Judge:
        """Take what is at work in the round that begins; return what judges its frames."""
        self.setup = setup
        self.hub.is_live = setup.is_live
        self._feeling.works_with(self._parts.gates, setup.instrument)
        return _Judging(self, setup.pipeline)

    def alarms(self) -> tuple[Alarm, ...]:
        """Return those of the disk."""
        recording = self._sessions.recording
        return () if recording is None else recording.alarms()

    def source_ended(self) -> None:
        """End the session with its source."""
        self._sessions.end(SOURCE_ENDED)

    def before(self, pipeline: Pipeline | None) -> bool:
        """Get ready for a frame; tell whether it is to be judged. A session begins with a slide of its own."""
        if self._attached is not self._sessions.recording:
            self._attached = self._sessions.recording
            if self._attached is not None and pipeline is not None:
                pipeline.new_slide()
        return pipeline is not None and self._walks.walk is None

    def unjudged(self, frame: Frame | LostFrame) -> FrameResult:
        """Return the result of a frame that is only shown."""
        return self._unjudged.judge(frame)

    def write(self, frame: Frame | None, result: FrameResult) -> None:
        """Record a result, count it, and leave it for those who watch."""
        if self._attached is not None:
            self._attached.write(frame, result)
        self.counts.add(result, frame is not None)
        self.times.add(result.milliseconds)
        if frame is not None:
            self.hub.take(frame, result)

    def close(self) -> None:
        """Do nothing: `with` ends it."""


class _Judging:
    """Judges a round's frames, or leaves them unjudged while somebody calibrates."""

    def __init__(self, frames: Frames, pipeline: Pipeline | None) -> None:
        self._frames, self._pipeline = frames, pipeline

    def judge(self, frame: Frame | LostFrame) -> FrameResult:
        judges = self._frames.before(self._pipeline)
        if judges and self._pipeline is not None:
            return self._pipeline.judge(frame)
        return self._frames.unjudged(frame)
