"""A served instrument over a camera that gives what a test puts on its stage, and waits meanwhile."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from edge_runtime.board import Board
from edge_runtime.cameras.controls import NoControls
from edge_runtime.cli import _parser
from edge_runtime.gates import gates_of
from edge_runtime.live import round_setup
from edge_runtime.live.engine import Engine
from edge_runtime.live.kept_calibration import kept_calibration
from edge_runtime.live.parts import Parts
from edge_runtime.model_file import ModelFile
from edge_runtime.network import Network
from edge_runtime.procedural import make_slide
from edge_runtime.records import Frame, LostFrame
from edge_runtime.results import FrameResult
from edge_runtime.run import Watcher
from edge_runtime.service.heart import Heart
from edge_runtime.service.notify import Notifier
from edge_runtime.stopping import Stop

PATIENCE_S = 60
END = "end"
_WAKE = "wake"
_SLIDE = make_slide(3, (600, 800)).rgb


def field(n: int = 0) -> np.ndarray:
    """Return the n-th view of a slide, uint8 (240, 320, 3), at 4 µm per px."""
    y, x = 40 * (n % 8), 60 * (n % 7)
    return _SLIDE[y : y + 240, x : x + 320].copy()


class Stage:
    """Opens one camera after the other; what is put here is given by whichever is open."""

    one_stage = True

    def __init__(self, um_per_px: float | None = 4.0, live: bool = True) -> None:
        self.um_per_px, self.live = um_per_px, live
        self.things: SimpleQueue[object] = SimpleQueue()
        self.opened = 0
        self.fails: list[Exception] = []

    def put(self, *things: object) -> None:
        for thing in things:
            self.things.put(thing)

    def open(self, source: str, um_per_px: float | None = None, model_um_per_px: float | None = None) -> _Camera:
        self.opened += 1
        if self.fails:
            raise self.fails.pop(0)
        return _Camera(self, um_per_px or self.um_per_px)


class _Camera:
    def __init__(self, stage: Stage, um_per_px: float | None) -> None:
        self.live, self.one_stage = stage.live, stage.one_stage
        self._stage, self._um_per_px, self._closed = stage, um_per_px, False
        self.controls = NoControls()

    def frames(self) -> Iterator[Frame | LostFrame]:
        index = 0
        while not self._closed:
            thing = self._stage.things.get()
            if thing is END:
                return
            if isinstance(thing, Exception):
                raise thing
            if isinstance(thing, str) and thing != _WAKE:
                yield LostFrame(index, f"stage#{index}", thing, "lost on purpose")
                index += 1
            elif isinstance(thing, np.ndarray):
                yield Frame(thing, self._um_per_px or 1.0, index, f"stage#{index}")
                index += 1

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._stage.things.put(_WAKE)


class Served:
    """An engine at work in a thread, as `cancernet serve` has it in the main one."""

    def __init__(self, engine: Engine, stage: Stage, stop: Stop) -> None:
        self.engine, self.stage, self.stop = engine, stage, stop
        self.results: SimpleQueue[FrameResult] = SimpleQueue()
        self.error: BaseException | None = None
        self.heart = Heart(Notifier(), is_live=False)

    def work(self) -> None:
        try:
            self.engine.work(self.heart, Watcher(Board(Path("/nowhere"))), self.results.put)
        except BaseException as error:
            self.error = error
            self.results.put(None)  # type: ignore[arg-type]

    def judge(self, *things: object) -> list[FrameResult]:
        """Put things on the stage, and return what was said of them."""
        found = []
        for thing in things:
            self.stage.put(thing)
            found.append(self.results.get(timeout=PATIENCE_S))
        return found

    def until(self, holds: object) -> None:
        """Wait until a function of the state holds; each change of it is waited for, not slept on."""
        tick = threading.Event()
        for _ in range(PATIENCE_S * 100):
            if holds(self.engine.state()):  # type: ignore[operator]
                return
            tick.wait(0.01)
        raise AssertionError(self.engine.state())


@contextlib.contextmanager
def served(
    model: ModelFile, monkeypatch: object, stage: Stage | None, *words: object, source: str = "synthetic:"
) -> Iterator[Served]:
    """Serve a stage, or the source itself where there is none, with further words of the command line."""
    if stage is not None:
        monkeypatch.setattr(round_setup, "open_camera", stage.open)  # type: ignore[attr-defined]
        monkeypatch.setattr(round_setup, "open_at_any_scale", stage.open)  # type: ignore[attr-defined]
    args = _parser().parse_args(["serve", source, "--threads", "1", *map(str, words)])
    parts = Parts(args, model, Network(model, "auto", 1), gates_of(model.contract), kept_calibration(args))
    stop = Stop()
    with Engine(parts, stop) as engine:
        found = Served(engine, stage or Stage(), stop)
        thread = threading.Thread(target=found.work)
        thread.start()
        try:
            yield found
        finally:
            stop.ask()
            thread.join(PATIENCE_S)
    if found.error is not None:
        raise found.error
