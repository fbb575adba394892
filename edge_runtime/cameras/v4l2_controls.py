"""Exposure, gain and white balance of a V4L2 device, asked of the kernel itself: OpenCV has no name for some of them.

Numbers and layouts: linux/v4l2-controls.h, linux/videodev2.h. A device may be asked while another handle streams.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.cameras.controls import Settings
from edge_runtime.errors import CameraLost

AUTO_EXPOSURE, EXPOSURE, EXPOSURE_SLOWS = 0x009A0901, 0x009A0902, 0x009A0903
AUTO_WHITE, WHITE_K = 0x0098090C, 0x0098091A
AUTO_GAIN, GAIN = 0x00980912, 0x00980913
_MANUAL_EXPOSURE = 1
"""V4L2_EXPOSURE_MANUAL; all other automatics are off at 0."""
_AUTOMATICS = {AUTO_EXPOSURE: _MANUAL_EXPOSURE, EXPOSURE_SLOWS: 0, AUTO_WHITE: 0, AUTO_GAIN: 0}
"""What each of them is when it is off; the third lets a UVC camera lower its frame rate in poor light."""
_EXPOSURE_UNIT_US = 100.0
"""V4L2_CID_EXPOSURE_ABSOLUTE counts in 100 µs."""
_QUERY, _GET, _SET = 0xC0445624, 0xC008561B, 0xC008561C
_QUERIED, _VALUE = struct.Struct("II32siiiiI8x"), struct.Struct("Ii")
_NOT_TO_SET = 0x1 | 0x4
"""V4L2_CTRL_FLAG_DISABLED, V4L2_CTRL_FLAG_READ_ONLY."""

Ask = Callable[[int, bytes], bytes]
"""An ioctl on the device: request and argument to the answer; OSError where the driver refuses."""


@dataclass(frozen=True)
class _Range:
    lowest: int
    highest: int


class V4l2Controls:
    """The controls of one device."""

    def __init__(self, ask: Ask) -> None:
        """Take what asks the device, and see which of the controls it has."""
        self._ask = ask
        numbers = (*_AUTOMATICS, EXPOSURE, GAIN, WHITE_K)
        self._ranges = {number: found for number in numbers if (found := self._query(number)) is not None}

    def read(self) -> Settings:
        """Return what the driver tells; a control that it does not have is None."""
        exposure = self._get(EXPOSURE)
        return Settings(
            None if exposure is None else exposure * _EXPOSURE_UNIT_US,
            self._get(GAIN),
            None,
            self._get(WHITE_K),
            all(self._get(number) in (None, off) for number, off in _AUTOMATICS.items()),
        )

    def set(self, wanted: Settings) -> Settings:
        """Set what is not None, within the driver's range and with its automatic off; return what it then tells."""
        if wanted.exposure_us is not None:
            self._turn_off(AUTO_EXPOSURE, EXPOSURE_SLOWS)
            self._set(EXPOSURE, round(wanted.exposure_us / _EXPOSURE_UNIT_US))
        if wanted.gain is not None:
            self._turn_off(AUTO_EXPOSURE, AUTO_GAIN)
            self._set(GAIN, round(wanted.gain))
        if wanted.white_balance_k is not None:
            self._turn_off(AUTO_WHITE)
            self._set(WHITE_K, round(wanted.white_balance_k))
        return self.read()

    def lock(self) -> Settings:
        """Turn every automatic off, and hold what it had come to; `locked` tells whether the driver obeyed."""
        now = self.read()
        self._turn_off(*_AUTOMATICS)
        return self.set(now)

    def _turn_off(self, *automatics: int) -> None:
        for number in automatics:
            self._set(number, _AUTOMATICS[number])

    def _query(self, number: int) -> _Range | None:
        try:
            answer = self._ask(_QUERY, _QUERIED.pack(number, 0, b"", 0, 0, 0, 0, 0))
        except OSError:  # EINVAL: the driver has no such control
            return None
        _, _, _, lowest, highest, _, _, flags = _QUERIED.unpack(answer)
        return None if flags & _NOT_TO_SET else _Range(lowest, highest)

    def _get(self, number: int) -> int | None:
        if number not in self._ranges:
            return None
        try:
            value: int = _VALUE.unpack(self._ask(_GET, _VALUE.pack(number, 0)))[1]
        except OSError as error:
            raise CameraLost(f"the camera went away while it was asked ({error.strerror}); check cable") from error
        return value

    def _set(self, number: int, value: int) -> None:
        if number not in self._ranges:
            return
        within = min(max(value, self._ranges[number].lowest), self._ranges[number].highest)
        try:
            self._ask(_SET, _VALUE.pack(number, within))
        except OSError:  # EBUSY, EINVAL: what the driver made of it is read back
            return


def asker(device: Path) -> Ask:
    """Return what asks a device file; it is opened for each question, so nothing is left open."""

    def ask(request: int, argument: bytes) -> bytes:
        import fcntl  # not on Windows, where this module can still be imported

        handle = os.open(device, os.O_RDWR | os.O_NONBLOCK)
        try:
            return fcntl.ioctl(handle, request, argument)
        finally:
            os.close(handle)

    return ask
