"""The camera `usb:`: a V4L2 device, read through OpenCV; what the driver made of each wish is read back."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping
from functools import partial

import cv2
import numpy as np

from edge_runtime.cameras.controls import (
    EXPOSURE_US,
    GAIN,
    TEMPERATURE_K,
    Controls,
    Settings,
    differences,
    read_settings,
)
from edge_runtime.cameras.options import UM_PER_PX, Asked, check_keys, read_choice, read_positive, read_size
from edge_runtime.cameras.recovery import RecoveringCamera
from edge_runtime.cameras.trouble import LIVE_KEYS, read_tolerance
from edge_runtime.cameras.v4l2 import check_device, find_device
from edge_runtime.cameras.v4l2_controls import V4l2Controls, asker
from edge_runtime.errors import BadInput, CameraLost, GarbledPicture
from edge_runtime.records import Frame, LostFrame
from edge_runtime.scale import agreed_um_per_px, check_um_per_px

log = logging.getLogger(__name__)

SIZE, FORMAT, FPS = "size", "format", "fps"
_OPTIONS = {SIZE, FORMAT, FPS, EXPOSURE_US, GAIN, TEMPERATURE_K, UM_PER_PX} | LIVE_KEYS
FORMATS = ("MJPG", "YUYV", "UYVY", "NV12", "YU12", "RGB3", "BGR3", "GREY")
"""Four-character codes that OpenCV decodes; MJPG gives most pictures a second over USB 2, YUYV the cleanest."""


class UsbCamera:
    """Owns an open V4L2 device."""

    def __init__(self, capture: cv2.VideoCapture, controls: Controls, name: str, um_per_px: float) -> None:
        """Take an open capture, and the controls of its device; all its frames have this scale."""
        self._capture = capture
        self._name = name
        self._um_per_px = um_per_px
        self.controls = controls

    def frames(self) -> Iterator[Frame | LostFrame]:
        """Yield frames without end, each with the kernel's time of capture."""
        index = 0
        while True:
            if not self._capture.grab():
                raise CameraLost(f"{self._name}: gives no more frames; check cable and power")
            timestamp_ns = round(self._capture.get(cv2.CAP_PROP_POS_MSEC) * 1e6)
            yield self._retrieve(index, timestamp_ns or None)
            index += 1

    def close(self) -> None:
        """Give the device back."""
        self._capture.release()

    def _retrieve(self, index: int, timestamp_ns: int | None) -> Frame | LostFrame:
        decoded, bgr = self._capture.retrieve()
        name = f"{self._name}#{index}"
        if not decoded or bgr is None:
            message = f"{self._name}: expected a picture, found one that cannot be decoded; check cable"
            return LostFrame(index, name, GarbledPicture.reason, message)
        if bgr.ndim == 2:
            bgr = cv2.cvtColor(bgr, cv2.COLOR_GRAY2BGR)
        pixels = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=bgr), np.uint8)  # in place: the array is ours
        return Frame(pixels, self._um_per_px, index, name, timestamp_ns=timestamp_ns)


def open_camera(path: str, options: Mapping[str, str], asked: Asked) -> RecoveringCamera:
    """Open a device by number, path or name; options size, format, fps, exposure_us, gain, white_balance_k."""
    check_keys("usb", options, _OPTIONS)
    if not path:
        raise BadInput("expected a device after usb:, found none; write usb:0, usb:/dev/video0 or a name in by-id")
    if not sys.platform.startswith("linux"):
        raise BadInput(f"usb: needs Linux (V4L2), found {sys.platform}; record a video there and write video:FILE")
    scale = check_um_per_px(agreed_um_per_px(asked.um_per_px, options.get(UM_PER_PX)))
    wishes = _wishes(options)
    settings = read_settings(options)
    open_ = partial(_open_device, path, wishes, settings, scale)
    return RecoveringCamera(open_, f"usb:{path}", read_tolerance(options))


def _wishes(options: Mapping[str, str]) -> dict[int, float]:
    """Return OpenCV's properties for what is asked of format, size and rate, in the order in which V4L2 wants them."""
    wishes: dict[int, float] = {}
    if FORMAT in options:
        wishes[cv2.CAP_PROP_FOURCC] = cv2.VideoWriter.fourcc(*read_choice(options, FORMAT, "MJPG", FORMATS))
    if SIZE in options:
        height, width = read_size(options, SIZE, (1080, 1920))
        wishes |= {cv2.CAP_PROP_FRAME_WIDTH: width, cv2.CAP_PROP_FRAME_HEIGHT: height}
    fps = read_positive(options, FPS, 30.0)
    return wishes if fps is None else {**wishes, cv2.CAP_PROP_FPS: fps}


def _open_device(path: str, wishes: Mapping[int, float], settings: Settings, um_per_px: float) -> UsbCamera:
    device = find_device(path)
    card = check_device(device)
    capture = cv2.VideoCapture(int(device.name.removeprefix("video")), cv2.CAP_V4L2)
    try:
        if not capture.isOpened():
            raise CameraLost(f"{device} ({card}): expected a format that OpenCV can read, found none; try format=YUYV")
        for wish, value in wishes.items():
            capture.set(wish, value)
        _check_size(capture, device.name, wishes)
        _compare(capture, f"usb:{path} ({card})", wishes)
        camera = UsbCamera(capture, V4l2Controls(asker(device)), f"usb:{path}", um_per_px)
        if settings.says_something:
            for said in differences(settings, camera.controls.set(settings)):
                log.warning("usb:%s: %s", path, said)
    except BaseException:
        capture.release()
        raise
    return camera


def _check_size(capture: cv2.VideoCapture, name: str, wishes: Mapping[int, float]) -> None:
    """Refuse another size than the one that was asked for: the scale belongs to that one."""
    keys = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
    width, height = (int(capture.get(key)) for key in keys)
    if keys[0] in wishes and (width, height) != tuple(wishes[key] for key in keys):
        asked = "x".join(str(int(wishes[key])) for key in keys)
        raise BadInput(
            f"{name}: expected frames of {asked} px, the driver gives {width}x{height}; write size={width}x{height} "
            "and the scale that belongs to it (v4l2-ctl --list-formats-ext names the sizes)"
        )


def _compare(capture: cv2.VideoCapture, name: str, wishes: Mapping[int, float]) -> None:
    """Say what the device was set to, and where that is not what was asked for."""
    width, height = (int(capture.get(key)) for key in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
    format_, fps = _code(capture.get(cv2.CAP_PROP_FOURCC)), capture.get(cv2.CAP_PROP_FPS)
    log.info("%s: %dx%d px, %s, %g frames a second", name, width, height, format_, fps)
    wanted = _code(wishes.get(cv2.CAP_PROP_FOURCC, 0))
    if wanted and wanted != format_:
        log.warning("%s: wanted %s=%s, the driver gives %s", name, FORMAT, wanted, format_)
    wanted_fps = wishes.get(cv2.CAP_PROP_FPS)
    if wanted_fps and abs(wanted_fps - fps) > 0.05 * wanted_fps:
        log.warning("%s: wanted %s=%g, the driver gives %g", name, FPS, wanted_fps, fps)


def _code(value: float) -> str:
    """Return the four characters of a format's number, empty where it is none."""
    text = int(value).to_bytes(8, "little", signed=True)[:4].decode("latin-1")
    return text if re.fullmatch(r"[A-Z0-9 ]{4}", text) else ""
