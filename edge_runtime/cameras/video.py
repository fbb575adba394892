"""The camera `video:`: the frames of a video file, all or every Nth."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Mapping

import cv2
import numpy as np

from edge_runtime.cameras.controls import NoControls
from edge_runtime.cameras.options import UM_PER_PX, Asked, check_keys, existing_path, read_int
from edge_runtime.errors import UnreadablePicture
from edge_runtime.gates import UNREADABLE
from edge_runtime.records import Frame, LostFrame
from edge_runtime.scale import agreed_um_per_px, check_um_per_px

log = logging.getLogger(__name__)

COUNT_SLACK = 2
"""A container's frame count is an estimate; so many frames too few are no damage."""


class Video:
    """Owns an open video; its frames can be taken once."""

    def __init__(self, capture: cv2.VideoCapture, name: str, um_per_px: float, every: int = 1) -> None:
        """Take an open capture; `every` 1 gives all frames, N one in N."""
        self._capture = capture
        self._name = name
        self._um_per_px = um_per_px
        self._every = every
        self._in_use = threading.Lock()
        self.controls = NoControls()

    def frames(self) -> Iterator[Frame | LostFrame]:
        """Yield the frames in order; where a video breaks off, what came before stays, and a warning says so."""
        grabbed = 0
        while self._grab():
            if grabbed % self._every == 0:
                yield self._retrieve(grabbed // self._every)
            grabbed += 1
        promised = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))  # 0 once closed, negative where unknown
        if grabbed + COUNT_SLACK < promised:
            log.warning("%s: ended after %d of %d frames; it may be damaged", self._name, grabbed, promised)

    def close(self) -> None:
        """Close the file and end `frames`, also from another thread."""
        with self._in_use:
            self._capture.release()

    def _grab(self) -> bool:
        with self._in_use:
            return self._capture.grab()

    def _retrieve(self, index: int) -> Frame | LostFrame:
        name = f"{self._name}#{index}"
        with self._in_use:
            timestamp_ns = round(self._capture.get(cv2.CAP_PROP_POS_MSEC) * 1e6)
            decoded, bgr = self._capture.retrieve()
        if not decoded:
            return LostFrame(index, name, UNREADABLE, f"{name}: damaged, cannot be decoded; the next one follows")
        pixels = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=bgr), np.uint8)  # in place: the array is ours
        return Frame(pixels, self._um_per_px, index, name, timestamp_ns=timestamp_ns)


def open_camera(path: str, options: Mapping[str, str], asked: Asked) -> Video:
    """Open a video file; option `every=N` takes one frame in N."""
    check_keys("video", options, {"every", UM_PER_PX})
    every = read_int(options, "every", 1, 1)
    file = existing_path("video", path)
    scale = check_um_per_px(agreed_um_per_px(asked.um_per_px, options.get(UM_PER_PX)))
    capture = cv2.VideoCapture(str(file))
    if not capture.isOpened():
        capture.release()
        raise UnreadablePicture(
            f"{path}: expected a video that OpenCV can decode, found something else, or a damaged one; "
            "copy it again, or convert it to H.264 in .mp4"
        )
    return Video(capture, file.name, scale, every)
