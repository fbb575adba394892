"""The main job: a source's frames through the pipeline into the sinks, until the source or a person ends it."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from .cameras import Camera
from .pipeline import Pipeline
from .records import Frame, FrameResult
from .sinks import Sink
from .tally import Tally


def run(
    camera: Camera,
    pipeline: Pipeline,
    sinks: Sequence[Sink],
    tally: Tally,
    most_frames: int | None = None,
    each: Callable[[FrameResult], object] = lambda result: None,
) -> None:
    """Judge frame after frame and hand each result to every sink before the next; SIGTERM ends it between two frames.

    Whoever opened camera and sinks closes them.
    """
    with _asked_to_stop() as stopped:
        for frame in itertools.islice(camera.frames(), most_frames):
            result = pipeline.judge(frame)
            for sink in sinks:
                sink.write(frame if isinstance(frame, Frame) else None, result)
            tally.add(result)
            each(result)
            if stopped():
                break


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Turn SIGTERM and the first Ctrl-C into a question that is asked between two frames."""
    asked: list[int] = []
    old = {number: signal.signal(number, lambda number, _: asked.append(number)) for number in _SIGNALS}
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


_SIGNALS = (signal.SIGTERM, signal.SIGINT)
