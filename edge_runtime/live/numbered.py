"""Frames that are numbered through, although their camera was opened anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from edge_runtime.cameras import Camera
from edge_runtime.cameras.controls import Controls
from edge_runtime.records import Frame, LostFrame


class Numbered:
    """A camera whose frames go on counting where those of the camera before ended: a session names frames by it."""

    def __init__(self, camera: Camera, first: int) -> None:
        """Take an open camera, and the number of its first frame."""
        self._camera = camera
        self._first = first
        self.live: bool = getattr(camera, "live", False)
        self.one_stage: bool = getattr(camera, "one_stage", False)
        self.next = first
        """The number of the frame after the last one that it gave."""

    @property
    def controls(self) -> Controls:
        """The camera's."""
        return self._camera.controls

    def frames(self) -> Iterator[Frame | LostFrame]:
        """Yield the camera's frames with their numbers."""
        for frame in self._camera.frames():
            frame = dataclasses.replace(frame, index=frame.index + self._first)
            self.next = frame.index + 1
            yield frame
            del frame  # the camera is about to make another

    def close(self) -> None:
        """Close the camera."""
        self._camera.close()
