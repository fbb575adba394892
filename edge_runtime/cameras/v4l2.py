"""What Linux itself says of a video device, before OpenCV takes it: whether it is there, captures, and is free.

OpenCV says "cannot open" to all of these alike. Requests and layouts: linux/videodev2.h.
"""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path

from edge_runtime.errors import CameraBusy, CameraFailed, CameraLost

DEVICES, BY_ID = Path("/dev"), Path("/dev/v4l/by-id")
_CAPTURE = 0x1
_QUERYCAP, _CAPABILITY = 0x80685600, struct.Struct("16s32s32sIII12x")
_REQBUFS, _BUFFERS = 0xC0145608, struct.Struct("IIIIB3x")
_MEMORY_MAPPED = 1


def find_device(name: str) -> Path:
    """Return the device file that a number, a path, or a name below /dev/v4l/by-id means; CameraLost where none is."""
    path = DEVICES / f"video{name}" if name.isdecimal() else Path(name) if "/" in name else BY_ID / name
    if not path.exists():
        raise CameraLost(f"expected a camera at {path}, found none; {_there_are()}")
    return path.resolve()


def check_device(path: Path) -> str:
    """Return the card's name; raises CameraFailed where the device is no camera, is not ours to open, or is busy."""
    import fcntl  # not on Windows, where this module can still be imported

    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        raise _cannot_open(path, error) from error
    try:
        answer = fcntl.ioctl(device, _QUERYCAP, bytes(_CAPABILITY.size))
        _, card, _, _, _, capabilities = _CAPABILITY.unpack(answer)
        if capabilities & _CAPTURE:
            fcntl.ioctl(device, _REQBUFS, _BUFFERS.pack(1, _CAPTURE, _MEMORY_MAPPED, 0, 0))
            fcntl.ioctl(device, _REQBUFS, _BUFFERS.pack(0, _CAPTURE, _MEMORY_MAPPED, 0, 0))
    except OSError as error:
        raise _cannot_open(path, error) from error
    finally:
        os.close(device)
    if not capabilities & _CAPTURE:
        raise CameraLost(f"{path}: expected a camera, found a device that takes no pictures; {_there_are()}")
    return str(card.split(b"\0")[0].decode(errors="replace"))


def _cannot_open(path: Path, error: OSError) -> CameraFailed:
    if error.errno == errno.EBUSY:
        return CameraBusy(f"{path}: another program holds the camera; end that program (fuser -v {path} names it)")
    if error.errno in (errno.EACCES, errno.EPERM):
        return CameraFailed(f"{path}: no right to open the camera; add the user to the group video, and log in again")
    if error.errno in (errno.ENODEV, errno.ENXIO, errno.ENOENT, errno.EIO):
        return CameraLost(f"{path}: the camera went away ({error.strerror}); check cable and power")
    return CameraLost(f"{path}: expected a video device, found something else ({error.strerror}); {_there_are()}")


def _there_are() -> str:
    names = sorted(path.name for path in BY_ID.glob("*")) or sorted(str(path) for path in DEVICES.glob("video*"))
    return f"there are {', '.join(names)}" if names else "no camera is connected; check cable and power"
