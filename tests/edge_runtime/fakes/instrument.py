"""An instrument without a camera, for the tests of the page's server: it does what the interface says, at once."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import cv2
import numpy as np

from edge_runtime.errors import BadInput
from edge_runtime.live.instrument import DONE, REFUSED, STEPS, TO_DO, NotNow, NotThere, StepState, WalkState
from edge_runtime.live.state import RUNNING, State
from edge_runtime.live.state_parts import AlarmState, BoardState, Gauge, RecordingState
from edge_runtime.live.state_view import TileState, ViewState
from edge_runtime.note import NOTE

ROWS, COLUMNS, HELD = 4, 6, 8


def view_of(number: int) -> ViewState:
    """Return a made-up view; its tiles depend on its number alone."""
    chances = np.random.default_rng(number).random((ROWS, COLUMNS))
    tiles = tuple(
        TileState(row, column, column / COLUMNS, row / ROWS, reason="no_tissue", measure="tissue", value=0.01)
        if chance < 0.2
        else TileState(row, column, column / COLUMNS, row / ROWS, float(chance), "idc" if chance > 0.6 else "no_idc")
        for row, chances_of_row in enumerate(chances)
        for column, chance in enumerate(chances_of_row)
    )
    return ViewState(number, number, f"fake#{number}", 600, 400, 4.0, 1 / COLUMNS, 1 / ROWS, (ROWS, COLUMNS), tiles)


def picture_of(number: int) -> bytes:
    """Return its picture."""
    pixels = np.full((400, 600, 3), 200, np.uint8)
    cv2.putText(pixels, str(number), (40, 220), cv2.FONT_HERSHEY_SIMPLEX, 5, (120, 60, 160), 12)
    return cv2.imencode(".jpg", pixels)[1].tobytes()


class FakeInstrument:
    """Keeps what it is told; `take` makes the next view."""

    def __init__(self, sessions: Path | None = None, **state: object) -> None:
        self.sessions = sessions
        self.given: dict[str, object] = {"phase": RUNNING, **state}
        self.number = -1
        self.keep = "fields"
        """As it was started."""
        self.listeners: list[Callable[[], object]] = []
        self.recording: RecordingState | None = None
        self.guided: WalkState | None = None
        self.lock = threading.Lock()

    def take(self) -> int:
        """Take the next frame."""
        self.number += 1
        for tell in list(self.listeners):
            tell()
        return self.number

    def state(self) -> State:
        values = {
            "message": None,
            "software": "0",
            "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "source": "fake:",
            "model": "lean",
            "model_sha256": "0" * 64,
            "operating_point": "balanced",
            "threshold": 0.6,
            "labels": ("no_idc", "idc"),
            "note": NOTE,
            "newest": None if self.number < 0 else self.number,
            "age_s": None if self.number < 0 else 0.2,
            "frames": self.number + 1,
            "reasons": {"no_tissue": 3},
            "focus": Gauge("good", 0.8),
            "board": BoardState(cpu_c=51.5, free_gb=12.0, memory_mb=200.0),
            "alarms": (AlarmState("lamp_dim", "expected more light", 0.7, 0.8),),
            "recording": self.recording,
            "can_record": self.sessions is not None,
            **self.given,
        }
        return State(**values)  # type: ignore[arg-type]

    def newest(self, after: int = -1) -> ViewState | None:
        return self.view_of(self.number) if self.number > after else None

    def picture(self, number: int) -> bytes:
        if not max(0, self.number - HELD) <= number <= self.number:
            raise NotThere(f"expected one of the newest {HELD} views, found {number}; ask for the newest")
        return self.picture_of(number)

    def view_of(self, number: int) -> ViewState:
        return view_of(number)

    def picture_of(self, number: int) -> bytes:
        return picture_of(number)

    def listen(self, tell: Callable[[], object]) -> Callable[[], None]:
        self.listeners.append(tell)
        return lambda: self.listeners.remove(tell)

    def start_session(self, slide: str, operator: str, keep: str) -> RecordingState:
        if self.recording is not None:
            raise NotNow(f"expected no session under way, found {self.recording.slide}; end it first")
        if self.sessions is None:
            raise NotNow("expected a folder for sessions, found none; start with --session DIR")
        began = "2026-01-01T00:00:00Z"
        self.recording = RecordingState("2026-01-01T000000Z-fake", slide, operator, keep or self.keep, began, 0, ())
        return self.recording

    def stop_session(self) -> None:
        self._recording()
        self.recording = None

    def relabel(self, slide: str) -> RecordingState:
        self.recording = dataclasses.replace(self._recording(), slide=slide)
        return self.recording

    def mark(self, frame: int, marked: bool, note: str = "") -> RecordingState:
        now = self._recording()
        if frame > self.number:
            raise NotThere(f"expected a frame of this session, found {frame}")
        frames = {*now.marked, frame} if marked else {*now.marked} - {frame}
        self.recording = dataclasses.replace(now, marked=tuple(sorted(frames)))
        return self.recording

    def _recording(self) -> RecordingState:
        if self.recording is None:
            raise NotNow("expected a session under way, found none; start one")
        return self.recording

    def walk(self) -> WalkState | None:
        return self.guided

    def begin_walk(self, objective: str) -> WalkState:
        if self.recording is not None:
            raise NotNow("expected no session under way; end it first")
        self.guided = WalkState(objective, tuple(StepState(name, TO_DO) for name in STEPS), False)
        return self.guided

    def take_step(self, name: str, um: float | None = None) -> WalkState:
        walk = self._walk()
        if name == "stated" and um is None:
            raise BadInput("expected µm per px, found none; give it")
        status = REFUSED if name == "blank" else DONE
        self.take_as(StepState(name, status, "done so"))
        self.guided = dataclasses.replace(self._walk(), can_apply=walk.can_apply or status == DONE)
        return self.guided

    def take_as(self, step: StepState) -> None:
        """Take a step, as it went."""
        walk = self._walk()
        steps = tuple(step if each.name == step.name else each for each in walk.steps)
        self.guided = dataclasses.replace(walk, steps=steps)

    def apply_walk(self) -> State:
        if not self._walk().can_apply:
            raise NotNow("expected a scale, found none; take that step first")
        self.guided = None
        return self.state()

    def cancel_walk(self) -> None:
        self.guided = None

    def _walk(self) -> WalkState:
        if self.guided is None:
            raise NotNow("expected a calibration under way, found none; begin one")
        return self.guided
