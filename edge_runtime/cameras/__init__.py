"""Where frames come from. A camera is one file and one row in `registry.CAMERAS`; the contract tests find it there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from edge_runtime.cameras.controls import Controls
from edge_runtime.records import Frame, LostFrame


class Camera(Protocol):
    """A source of frames, open from the moment it is made. Whoever opens it closes it.

    A camera knows its device and nothing of recovery: it raises CameraFailed, and `recovery` opens another.

    It may say two things of itself, each False where it says nothing. `live`: its frames come at their own pace, so
    that old ones may be left out. `one_stage`: they show what lies under one stage, so that a view which has not
    changed is another look at the same field; pictures of a folder are never that.
    """

    @property
    def controls(self) -> Controls:
        """Exposure, gain and white balance, as far as this camera has them."""

    def frames(self) -> Iterator[Frame | LostFrame]:
        """Yield the frames in order; one that cannot be read is a LostFrame and the next one follows.

        Raises CameraFailed when the device itself is gone. It ends where the source has an end: no device has one.
        """

    def close(self) -> None:
        """Give the device back and end `frames`, also from another thread; calling it again does nothing."""
