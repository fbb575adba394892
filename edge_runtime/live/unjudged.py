"""Frames that are shown, and not judged: nobody knows their scale, or a person is calibrating."""

from __future__ import annotations

from edge_runtime.gates import UNKNOWN_SCALE
from edge_runtime.records import Frame, LostFrame
from edge_runtime.results import FrameResult

_WORDS = "not judged: the instrument is not calibrated, or somebody is calibrating it"


class Unjudged:
    """Says of each frame that it was not judged."""

    def __init__(self, model_sha256: str, operating_point: str, mode: str) -> None:
        """Take in whose name."""
        self._name = model_sha256, operating_point, mode

    def judge(self, frame: Frame | LostFrame) -> FrameResult:
        """Return a result without tiles; that of a lost frame says why it was lost."""
        if isinstance(frame, LostFrame):
            return FrameResult(frame.index, frame.source, *self._name, reason=frame.reason, message=frame.message)
        height, width = frame.pixels.shape[:2]
        return FrameResult(
            frame.index,
            frame.source,
            *self._name,
            size_px=(height, width),
            origin_xy=frame.origin_xy,
            timestamp_ns=frame.timestamp_ns,
            reason=UNKNOWN_SCALE,
            message=_WORDS,
        )
