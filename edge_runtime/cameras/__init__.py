"""Where frames come from. A camera is one file and one row in `registry.CAMERAS`; the contract tests find it there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from edge_runtime.records import Frame, LostFrame


class Camera(Protocol):
    """A source of frames. Whoever opens it closes it."""

    def frames(self) -> Iterator[Frame | LostFrame]:
        """Yield the frames in order; one that cannot be read is a LostFrame and the next one follows.

        Raises CameraFailed when the device itself is gone.
        """

    def close(self) -> None:
        """Give the device back; calling it again does nothing."""
