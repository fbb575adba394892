"""The instrument at work, as the page sees and leads it: one thread has the camera, any other may ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from edge_runtime.results import FrameResult
from edge_runtime.run import Watcher
from edge_runtime.service.heart import Heart
from edge_runtime.stopping import Stop
from edge_runtime.tally import ASKED, Tally

from .engine_frames import Frames
from .engine_sessions import Sessions
from .engine_walks import Walks
from .instrument import NotNow, WalkState
from .orders import Orders
from .parts import Parts
from .rounds import Rounds
from .snapshot import Situation, Snapshots, operating_point_of
from .state import CALIBRATING, RUNNING, STARTING, State
from .state_parts import RecordingState
from .state_view import ViewState
from .unjudged import Unjudged

_FRESH_S = 0.2
"""A state is made so often at most; twenty phones ask for the same one."""


class Engine:
    """An `instrument.Instrument`. Use it in `with`; `work` goes on in the thread that enters it."""

    def __init__(self, parts: Parts, stop: Stop) -> None:
        """Take the parts, and what ends it. Raises BadInput where the options cannot be used."""
        self.sessions: Path | None = parts.args.session
        self._stop, self._orders = stop, Orders(stop)
        self._version = 0
        self._cached: tuple[tuple[int, int | None], float, State] | None = None
        self._control = threading.RLock()
        self._sessions = Sessions(parts, self._control, self._changed)
        self._walks = Walks(parts, self._control, self._orders, self._changed)
        self.tally = Tally(parts.model.contract, parts.args.source)
        """Sums of all frames."""
        name, mode = operating_point_of(parts)
        unjudged = Unjudged(parts.model.sha256, name, mode)
        self._frames = Frames(parts, self._sessions, self._walks, unjudged, self._changed)
        self._hub = self._frames.hub
        self.times = self._frames.times
        """How long frames took, stage by stage."""
        self._rounds = Rounds(parts, self._frames, self._orders, self._frames, self.tally)
        self._snapshots = Snapshots(parts, self._hub, self._frames.counts)

    def __enter__(self) -> Engine:
        self._hub.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._hub.__exit__()

    def work(self, heart: Heart, watcher: Watcher, each: Callable[[FrameResult], object]) -> None:
        """Judge frames until one asks to stop; the session ends with it, however it ends."""
        try:
            self._rounds.work(self._stop, heart, watcher, each)
            self.tally.ended_by = ASKED
        except BaseException as error:
            self.tally.ended_by = getattr(error, "reason", "error")
            raise
        finally:
            self._sessions.end(self.tally.ended_by)

    def state(self) -> State:
        """Return how it is now; the same object to all who ask within a moment."""
        newest = self._hub.newest()
        key = self._version, None if newest is None else newest.state.number
        now, cached = time.monotonic(), self._cached
        if cached is not None and cached[0] == key and now - cached[1] < _FRESH_S:
            return cached[2]
        recording, setup = self._sessions.recording, self._frames.setup
        phase = self._frames.phase if self._walks.walk is None else CALIBRATING
        session = None if recording is None else recording.state()
        calibration = None if setup is None else setup.calibration
        found = self._snapshots.of(Situation(phase, self._frames.message, session, calibration))
        self._cached = key, now, found
        return found

    def newest(self, after: int = -1) -> ViewState | None:
        """Return the newest view, if its number is above `after`."""
        view = self._hub.newest()
        return None if view is None or view.state.number <= after else view.state

    def picture(self, number: int) -> bytes:
        """Return a view's picture as JPEG; raises NotThere."""
        return self._hub.picture(number)

    def listen(self, tell: Callable[[], object]) -> Callable[[], None]:
        """Have `tell` called for each new view; return the end."""
        return self._hub.listen(tell)

    def start_session(self, slide: str, operator: str, keep: str) -> RecordingState:
        """Begin to record with the next frame; an empty `keep` is as the instrument was started."""
        with self._control:
            judges = self._frames.phase == RUNNING and self._walks.walk is None
            setup = self._frames.setup if judges else None
            return self._sessions.start(setup, self.state().phase, slide, operator, keep)

    def stop_session(self) -> None:
        """End it; raises NotNow where there is none."""
        if not self._sessions.end(ASKED):
            raise NotNow("expected a session under way, found none")

    def relabel(self, slide: str) -> RecordingState:
        """Change the slide's label; raises NotNow, BadInput."""
        return self._sessions.relabel(slide)

    def mark(self, frame: int, marked: bool, note: str = "") -> RecordingState:
        """Mark a frame for the pathologist, or take the mark away; raises NotNow, NotThere, BadInput."""
        return self._sessions.mark(frame, marked, note)

    def walk(self) -> WalkState | None:
        """Return the guided calibration; None where none is under way."""
        return self._walks.state()

    def begin_walk(self, objective: str) -> WalkState:
        """Begin a guided calibration; frames are shown meanwhile, and not judged."""
        with self._control:
            return self._walks.begin(objective, self._sessions.recording is not None)

    def take_step(self, name: str, um: float | None = None) -> WalkState:
        """Begin a step; raises NotNow, BadInput. The thread of the frames carries it out, with the camera closed."""
        return self._walks.take_step(name, um)

    def apply_walk(self) -> State:
        """Write the calibration, and begin again with it; raises NotNow, BadInput, OSError."""
        self._walks.apply()
        self._frames.says(STARTING, None)
        self._orders.put(self._rounds.again)
        return self.state()

    def cancel_walk(self) -> None:
        """Leave it; what was at work before goes on."""
        self._walks.cancel()

    def _changed(self) -> None:
        """Have the next state made anew."""
        self._version += 1
