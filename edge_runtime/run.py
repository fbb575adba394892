"""The main job: a source's frames through the pipeline into the sinks, until the source or a person ends it."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from .alarms import Alarm
from .board import Board
from .cameras import Camera
from .capture import AHEAD, Capture
from .circumstances import Circumstances
from .heat import NORMAL, HeatPlan
from .records import Frame, LostFrame
from .results import FrameResult
from .service.heart import Heart
from .service.notify import Notifier
from .sinks import Sink
from .stopping import Stop, stopped_by_signals
from .tally import ASKED, FRAMES_DONE, Tally
from .timing import Clock
from .waiting import Taken


class Judge(Protocol):
    """What says something of each frame: a Pipeline."""

    def judge(self, frame: Frame | LostFrame) -> FrameResult:
        """Return what is said of it."""
        ...


class Watcher:
    """Tells the circumstances of each frame: what was dropped before it, how warm the board is, how long it rested."""

    def __init__(self, board: Board, plan: HeatPlan | None = None) -> None:
        """Take the board, and the plan by which it slows down; None: it never does."""
        self._board = board
        self._plan = plan
        self._pause_s = 0.0

    def before(self, taken: Taken) -> Circumstances:
        """Look around before a frame is judged."""
        state = self._board.state()
        step = NORMAL if self._plan is None else self._plan.follow(state.cpu_c)
        dropped = taken.dropped
        return Circumstances(dropped.by_camera, dropped.by_queue, state, step.name, self._pause_s * 1e3)

    def pause_s(self, worked_s: float, rested_s: float) -> float:
        """Return how long to rest after a frame, s."""
        self._pause_s = 0.0 if self._plan is None else self._plan.pause_s(worked_s, rested_s)
        return self._pause_s


def run(
    camera: Camera,
    pipeline: Judge,
    sinks: Sequence[Sink],
    tally: Tally,
    most_frames: int | None = None,
    each: Callable[[FrameResult], object] = lambda result: None,
    watcher: Watcher | None = None,
    ahead: int = AHEAD,
    clock: Clock = time.perf_counter,
    heart: Heart | None = None,
    alarms: Callable[[], Sequence[Alarm]] = tuple,
) -> None:
    """Judge frame after frame and hand each result to every sink before the next; SIGTERM ends it between two frames.

    The frames are taken ahead, in a thread; what ends that raises here, after the frames that came before. Whoever
    opened camera and sinks closes them.
    """
    watcher = watcher or Watcher(Board())
    heart = heart or Heart(Notifier(), is_live=False)
    with stopped_by_signals() as stop, Capture(camera, stop, ahead, clock) as capture, heart:
        judge_frames(capture, stop, pipeline, sinks, tally, heart, watcher, most_frames, each, clock, alarms)


def judge_frames(
    capture: Capture,
    stop: Stop,
    pipeline: Judge,
    sinks: Sequence[Sink],
    tally: Tally,
    heart: Heart,
    watcher: Watcher,
    most_frames: int | None = None,
    each: Callable[[FrameResult], object] = lambda result: None,
    clock: Clock = time.perf_counter,
    alarms: Callable[[], Sequence[Alarm]] = tuple,
) -> None:
    """Judge the frames of an open capture, as `run` does, until it ends or `stop` is asked for."""
    done = clock()
    for taken in itertools.islice(capture, most_frames):
        began = clock()
        heart.frame_begins()
        result = _judge(pipeline, taken, watcher.before(taken), began, alarms())
        judged = clock()
        for sink in sinks:
            sink.write(taken.frame if isinstance(taken.frame, Frame) else None, result)
        ended = clock()
        tally.add(result, {"wait": began - done, "sinks": ended - judged, "frame": ended - began})
        each(result)
        heart.frame_ends(result.reason)
        del taken, result  # while one waits for the next frame, this one is 37 MB that nobody needs
        pause_s = watcher.pause_s(ended - began, began - done)
        if pause_s:
            capture.rest(pause_s)
        done = clock()
    if stop.asked:
        tally.ended_by = ASKED
    elif tally.frames == most_frames:
        tally.ended_by = FRAMES_DONE


def _judge(
    pipeline: Judge, taken: Taken, circumstances: Circumstances, now: float, alarms: Sequence[Alarm]
) -> FrameResult:
    """Return the result of a frame, with what goes on around it, and the time before the pipeline among its stages."""
    result = pipeline.judge(taken.frame)
    before = {"capture": taken.capture_ms, "queue": (now - taken.at_s) * 1e3}
    milliseconds = {**before, **result.milliseconds}
    return dataclasses.replace(
        result, milliseconds=milliseconds, circumstances=circumstances, alarms=(*result.alarms, *alarms)
    )
