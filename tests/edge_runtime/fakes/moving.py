"""An instrument over a drawn slide, for the tests of the page: its stage moves, and its verdicts follow the truth."""

from __future__ import annotations

import dataclasses
import functools
import threading
from pathlib import Path

import cv2
import numpy as np

from edge_runtime.live.instrument import BUSY, DONE, STEPS, StepState, WalkState
from edge_runtime.live.state import State
from edge_runtime.live.state_parts import BAD, GOOD, POOR, BoardState, CalibrationState, Gauge, RecordingState
from edge_runtime.live.state_view import TileState, ViewState
from edge_runtime.procedural import TISSUES, make_slide

from .instrument import FakeInstrument

ROWS, COLUMNS, TILE = 6, 8, 50
HEIGHT, WIDTH = 296, 396
ENLARGED = 3
CARCINOMA, GLASS = TISSUES.index("carcinoma"), TISSUES.index("glass")
BLURRED = (2, 5)
"""(row, column) of a tile that is out of focus in every view."""
THRESHOLD = 0.6


@functools.cache
def _slide():
    return make_slide(4, (700, 1000))


def _place(number: int) -> tuple[int, int]:
    """Return (x, y) of a view's corner on the slide: the stage goes to and fro."""
    height, width = _slide().classes.shape
    way = width - WIDTH - 60
    along = (number * 6) % (2 * way)
    return 30 + min(along, 2 * way - along), (height - HEIGHT) // 2


@functools.lru_cache(64)
def moving_view(number: int) -> ViewState:
    """Return the view of a number: the more carcinoma in a tile, the more probable."""
    x, y = _place(number)
    classes = _slide().classes[y : y + HEIGHT, x : x + WIDTH]
    lefts = np.rint(np.linspace(0, WIDTH - TILE, COLUMNS)).astype(int)
    tops = np.rint(np.linspace(0, HEIGHT - TILE, ROWS)).astype(int)
    tiles = tuple(
        _tile(row, column, int(left), int(top), classes[top : top + TILE, left : left + TILE])
        for row, top in enumerate(tops)
        for column, left in enumerate(lefts)
    )
    size = WIDTH * ENLARGED, HEIGHT * ENLARGED
    return ViewState(
        number, number, f"fake:#{number}", *size, 4 / ENLARGED, TILE / WIDTH, TILE / HEIGHT, (ROWS, COLUMNS), tiles
    )


def _tile(row: int, column: int, left: int, top: int, classes: np.ndarray) -> TileState:
    x, y = left / WIDTH, top / HEIGHT
    if (row, column) == BLURRED:
        return TileState(row, column, x, y, reason="out_of_focus", measure="sharpness", value=0.213)
    if (classes == GLASS).mean() > 0.7:
        return TileState(row, column, x, y, reason="no_tissue", measure="mean_density", value=0.021)
    share = float((classes == CARCINOMA).mean())
    probability = round(min(0.97, 0.03 + 0.9 * share + ((7 * row + 3 * column) % 10) / 100), 4)
    return TileState(row, column, x, y, probability, "idc" if probability >= THRESHOLD else "no_idc")


@functools.lru_cache(16)
def moving_picture(number: int) -> bytes:
    """Return its picture."""
    x, y = _place(number)
    seen = np.ascontiguousarray(_slide().rgb[y : y + HEIGHT, x : x + WIDTH, ::-1])
    large = cv2.resize(seen, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 75])[1].tobytes()


class MovingInstrument(FakeInstrument):
    """Takes views when told to, or by itself while it plays; steps of a calibration end as a test says."""

    def __init__(self, sessions: Path | None = None, **state: object) -> None:
        calibration = CalibrationState("field box 2", "c" * 64, "4x", 0.39, "2026-12-20T09:00:00Z", ("scale", "blank"))
        alike = {
            "operating_point": "balanced_accuracy",
            "threshold": THRESHOLD,
            "alarms": (),
            "software": "0.4.0",
            "source": "pi:",
            "model": "lean",
            "model_sha256": "4f2a" * 16,
            "fps": 6.2,
            "board": BoardState(cpu_c=58.4, free_gb=21.7, memory_mb=160.0),
            "calibration": calibration,
            "focus": Gauge(GOOD, 0.86),
            "light": Gauge(GOOD, 0.94),
            "tissue": Gauge(GOOD, 0.7),
        }
        super().__init__(sessions, **{**alike, **state})
        self.endings: dict[str, StepState] = {}
        """How a step ends that is taken next; others end well."""
        self.notes: dict[int, str] = {}
        self.asked: list[tuple[str, float | None]] = []
        self.slow = False
        """Whether a step goes on until `finish`."""
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def play(self, fps: float = 5.0) -> None:
        """Take views by itself until `stop`; focus comes and goes."""

        def go() -> None:
            while not self._end.wait(1 / fps):
                value = 0.72 + 0.26 * float(np.sin(self.number / 9))
                level = GOOD if value > 0.66 else POOR if value > 0.52 else BAD
                reason = {GOOD: None, POOR: "soft_focus", BAD: "out_of_focus"}[level]
                self.given["focus"] = Gauge(level, value, reason)
                self.take()

        self._thread = threading.Thread(target=go, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End to play."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()

    def state(self) -> State:
        state = super().state()
        view = moving_view(max(0, self.number))
        judged = [tile for tile in view.tiles if tile.probability is not None]
        return dataclasses.replace(
            state,
            tiles=len(view.tiles),
            judged=len(judged),
            positive=sum(tile.label == "idc" for tile in judged),
            calibration=self.given["calibration"],
        )

    def view_of(self, number: int) -> ViewState:
        return moving_view(number)

    def picture_of(self, number: int) -> bytes:
        return moving_picture(number)

    def mark(self, frame: int, marked: bool, note: str = "") -> RecordingState:
        self.notes[frame] = note
        return super().mark(frame, marked, note)

    def take_step(self, name: str, um: float | None = None) -> WalkState:
        self.asked.append((name, um))
        ending = self.endings.pop(name, StepState(name, DONE, "measured", figures={"um_per_px": 0.391, "lines": 101}))
        self._later = ending
        self._set(dataclasses.replace(ending, status=BUSY, message=None) if self.slow else ending)
        assert self.guided is not None
        return self.guided

    def finish(self) -> None:
        """End the step that is under way."""
        self._set(self._later)

    def _set(self, step: StepState) -> None:
        self.take_as(step)
        assert self.guided is not None
        scaled = any(each.name in STEPS[:2] and each.status == DONE for each in self.guided.steps)
        self.guided = dataclasses.replace(self.guided, can_apply=scaled)

    def begin_walk(self, objective: str) -> WalkState:
        recording, self.recording = self.recording, None  # all parts of the page are looked at, one after the other
        walk = super().begin_walk(objective)
        self.recording = recording
        return walk
