"""The camera `pi:`: a Raspberry Pi camera through picamera2, which is imported where it is used."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from edge_runtime.cameras.controls import EXPOSURE_US, GAIN, RED_BLUE, read_settings
from edge_runtime.cameras.options import UM_PER_PX, Asked, check_keys, read_choice, read_positive, read_size
from edge_runtime.cameras.pi_device import PiCamera
from edge_runtime.cameras.pi_formats import FORMATS
from edge_runtime.cameras.pi_geometry import FINE_UM_PER_PX
from edge_runtime.cameras.pi_setup import PiOptions
from edge_runtime.cameras.recovery import RecoveringCamera
from edge_runtime.cameras.trouble import LIVE_KEYS, read_tolerance
from edge_runtime.errors import BadInput, CameraBusy, CameraFailed, CameraLost, MissingDependency
from edge_runtime.scale import agreed_um_per_px, check_um_per_px

FINE, CROP, FPS, FORMAT = "fine", "crop", "fps", "format"
_OPTIONS = {FINE, CROP, FPS, FORMAT, EXPOSURE_US, GAIN, RED_BLUE, UM_PER_PX} | LIVE_KEYS
INSTALL = (
    "sudo apt install python3-picamera2, then make the virtual environment with python3 -m venv "
    "--system-site-packages; never pip install picamera2 on a Pi"
)
_BUSY = ("busy", "in use", "acquire")
"""How libcamera says that another program holds the camera."""


def open_camera(path: str, options: Mapping[str, str], asked: Asked) -> RecoveringCamera:
    """Open camera `path` (0 where empty); options fine, crop, fps, format, exposure_us, gain, red_blue."""
    check_keys("pi", options, _OPTIONS)
    if path and not (path.isascii() and path.isdecimal()):
        raise BadInput(f"pi: expected the number of a camera, found {path!r}; write pi: or pi:1")
    scale = check_um_per_px(agreed_um_per_px(asked.um_per_px, options.get(UM_PER_PX)))
    tolerance = read_tolerance(options)
    chosen = PiOptions(
        int(path or 0),
        scale,
        asked.model_um_per_px,
        read_positive(options, FINE, FINE_UM_PER_PX) or FINE_UM_PER_PX,
        read_size(options, CROP, (3040, 4056)) if CROP in options else None,
        read_positive(options, FPS, 10.0),
        read_choice(options, FORMAT, "BGR888", FORMATS),
        read_settings(options),
        0.8 * tolerance.frame_s,  # the driver is asked to give up before the watchdog does
    )
    return RecoveringCamera(partial(_open_device, chosen), f"pi:{chosen.number}", tolerance)


def _open_device(options: PiOptions) -> PiCamera:
    try:
        picamera2 = importlib.import_module("picamera2")
    except ImportError as error:
        raise MissingDependency(f"pi: expected the package picamera2, found none ({error}); {INSTALL}") from error
    device = None
    try:
        device = picamera2.Picamera2(options.number)
        return PiCamera(device, options)
    except (RuntimeError, IndexError) as error:  # picamera2 has no errors of its own
        _close(device)
        raise _translated(error, options.number) from error
    except BaseException:
        _close(device)
        raise


def _close(device: Any) -> None:
    if device is not None:
        device.close()


def _translated(error: BaseException, number: int) -> CameraFailed:
    said: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        said.append(str(cause))
        cause = cause.__cause__ or cause.__context__
    if any(word in text.lower() for word in _BUSY for text in said):
        return CameraBusy(f"pi:{number}: another program holds the camera ({said[-1]}); end that program")
    return CameraLost(f"pi:{number}: {said[-1]}; check the ribbon cable, and what rpicam-hello --list-cameras says")
