"""A device that fails on purpose: what the recovery of real cameras is shown and tested with."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge_runtime.cameras import Camera
from edge_runtime.cameras.controls import Controls
from edge_runtime.cameras.garbled import garbled
from edge_runtime.errors import (
    BlackPicture,
    CameraBusy,
    CameraHung,
    CameraLost,
    FrozenPicture,
    GarbledPicture,
    ResizedPicture,
)
from edge_runtime.records import Frame, LostFrame

_MOST_TRIES_AWAY = 2
_BUSY_SHARE = 0.3
"""Of the tries to open a lost device that find it in another program's hands."""


class FaultyDevice:
    """A device in which a camera runs, with faults between its frames; they take none of the frames away.

    `open` gives a Camera, as often as one asks, and it goes on where the one before it failed.
    """

    def __init__(self, camera: Camera, share: float, seed: int = 0) -> None:
        """Take the camera that is to fail, and before which share of its frames, 0..1, a fault strikes."""
        self._camera = camera
        self._share = share
        self._rng = random.Random(seed)
        self._coming = iter(camera.frames())
        self._waiting: Frame | None = None
        self._shown: Frame | None = None
        self._tries_away = 0
        self._released = threading.Event()
        self._hanging: threading.Thread | None = None
        self.hangs = threading.Event()
        """Set while a call does not come back."""
        self.injected: list[str] = []
        """The reason of each fault, in order."""

    def open(self) -> Camera:
        """Open the device; for some tries after it was lost it is away, or busy."""
        self.release()
        if self._tries_away > 0:
            self._tries_away -= 1
            busy = self._rng.random() < _BUSY_SHARE
            raise self._note(CameraBusy("another program holds it") if busy else CameraLost("it is unplugged"))
        return _OpenDevice(self)

    def release(self) -> None:
        """Have a call that hangs come back, as a driver does when its device is reset."""
        self._released.set()
        if self._hanging is not None and self._hanging is not threading.current_thread():
            self._hanging.join()
        self._hanging = None
        self.hangs.clear()

    def next_frame(self) -> Frame | LostFrame | None:
        """Return the next frame, or a fault in place of it; None at the end."""
        if self._waiting is None:
            coming = next(self._coming, None)
            if not isinstance(coming, Frame):
                return coming
            self._waiting = coming
            if self._rng.random() < self._share:
                return self._rng.choice(_FAULTS)(self, coming)
        self._shown, self._waiting = self._waiting, None
        return self._shown

    @property
    def controls(self) -> Controls:
        """The controls of the camera within."""
        return self._camera.controls

    def _note(self, error: CameraLost | CameraBusy) -> CameraLost | CameraBusy:
        self.injected.append(error.reason)
        return error

    def _lost(self, _: Frame) -> Frame:
        self._tries_away = self._rng.randint(0, _MOST_TRIES_AWAY)
        raise self._note(CameraLost("it was unplugged"))

    def _hung(self, _: Frame) -> Frame:
        self.injected.append(CameraHung.reason)
        self._hanging = threading.current_thread()
        self._released.clear()
        self.hangs.set()
        self._released.wait()
        raise CameraLost("the device was reset")

    def _black(self, frame: Frame) -> Frame:
        return self._shows(BlackPicture.reason, frame, np.zeros_like(frame.pixels))

    def _frozen(self, frame: Frame) -> Frame:
        if self._shown is None:
            return self._black(frame)
        return self._shows(FrozenPicture.reason, frame, self._shown.pixels.copy())

    def _garbled(self, frame: Frame) -> Frame:
        return self._shows(GarbledPicture.reason, frame, garbled(frame.pixels, self._rng))

    def _resized(self, frame: Frame) -> Frame:
        return self._shows(ResizedPicture.reason, frame, frame.pixels[: frame.pixels.shape[0] // 2].copy())

    def _shows(self, reason: str, frame: Frame, pixels: NDArray[np.uint8]) -> Frame:
        self.injected.append(reason)
        return replace(frame, pixels=pixels, has_data=None, truth=None)


_FAULTS = (
    FaultyDevice._lost,
    FaultyDevice._hung,
    FaultyDevice._black,
    FaultyDevice._frozen,
    FaultyDevice._garbled,
    FaultyDevice._resized,
)


class _OpenDevice:
    """The Camera that a faulty device is, until it fails."""

    def __init__(self, device: FaultyDevice) -> None:
        self._device = device

    @property
    def controls(self) -> Controls:
        return self._device.controls

    def frames(self) -> Iterator[Frame | LostFrame]:
        while (frame := self._device.next_frame()) is not None:
            yield frame

    def close(self) -> None:
        pass
