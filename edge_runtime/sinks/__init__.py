"""Where results go. A sink is one file and one row in `registry.SINKS`; the contract tests find it there."""

from __future__ import annotations

from typing import Protocol

from edge_runtime.records import Frame
from edge_runtime.results import FrameResult


class Sink(Protocol):
    """Takes each frame with its result. Whoever opens it closes it."""

    def write(self, frame: Frame | None, result: FrameResult) -> None:
        """Record one result, whole, before returning; `frame` is None where it was lost."""

    def close(self) -> None:
        """Finish; calling it again does nothing."""
