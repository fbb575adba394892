"""A V4L2 device as OpenCV and the kernel show it, for what `vivid` lacks: exposure, white balance, broken JPEGs."""

from __future__ import annotations

import errno
import struct
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge_runtime.cameras import v4l2_controls as names

FOURCC = cv2.VideoWriter.fourcc


@dataclass
class Driver:
    """A UVC camera's driver; a test changes it while it runs."""

    ranges: dict[int, tuple[int, int]] = field(
        default_factory=lambda: {
            names.AUTO_EXPOSURE: (0, 3),
            names.EXPOSURE: (1, 5000),
            names.EXPOSURE_SLOWS: (0, 1),
            names.GAIN: (0, 255),
            names.AUTO_WHITE: (0, 1),
            names.WHITE_K: (2800, 6500),
        }
    )
    values: dict[int, int] = field(
        default_factory=lambda: {
            names.AUTO_EXPOSURE: 3,
            names.EXPOSURE: 156,
            names.EXPOSURE_SLOWS: 1,
            names.GAIN: 20,
            names.AUTO_WHITE: 1,
            names.WHITE_K: 4600,
        }
    )
    sizes: tuple[tuple[int, int], ...] = ((640, 480), (320, 240))
    formats: tuple[str, ...] = ("YUYV", "MJPG")
    present: bool = True
    broken: bool = False
    grey: bool = False
    frames: int = 0
    captures: list[Capture] = field(default_factory=list)

    def ask(self, request: int, argument: bytes) -> bytes:
        if not self.present:
            raise OSError(errno.ENODEV, "No such device")
        number = struct.unpack_from("I", argument)[0]
        if number not in self.ranges:
            raise OSError(errno.EINVAL, "Invalid argument")
        if request == names._QUERY:
            return names._QUERIED.pack(number, 1, b"", *self.ranges[number], 1, 0, 0)
        if request == names._SET:
            value = struct.unpack("Ii", argument)[1]
            assert self.ranges[number][0] <= value <= self.ranges[number][1], "the driver refuses it"
            self.values[number] = value
        return struct.pack("Ii", number, self.values[number])


class Capture:
    """What cv2.VideoCapture is to give."""

    def __init__(self, driver: Driver) -> None:
        self.driver, self.open = driver, True
        self.set_: dict[int, float] = {}
        self.size, self.format = driver.sizes[0], driver.formats[0]
        self.stamp_ms = 0.0
        driver.captures.append(self)

    def isOpened(self) -> bool:  # noqa: N802
        return self.open

    def set(self, key: int, value: float) -> bool:
        self.set_[key] = value
        if key == cv2.CAP_PROP_FRAME_HEIGHT:
            wanted = self.set_[cv2.CAP_PROP_FRAME_WIDTH], value
            self.size = min(self.driver.sizes, key=lambda size: abs(size[0] - wanted[0]) + abs(size[1] - wanted[1]))
        if key == cv2.CAP_PROP_FOURCC:
            self.format = next((each for each in self.driver.formats if FOURCC(*each) == value), self.format)
        return True

    def get(self, key: int) -> float:
        return {
            cv2.CAP_PROP_FRAME_WIDTH: self.size[0],
            cv2.CAP_PROP_FRAME_HEIGHT: self.size[1],
            cv2.CAP_PROP_FOURCC: FOURCC(*self.format),
            cv2.CAP_PROP_FPS: 25.0,
            cv2.CAP_PROP_POS_MSEC: self.stamp_ms,
        }[key]

    def grab(self) -> bool:
        if not (self.open and self.driver.present):
            return False
        self.driver.frames += 1
        self.stamp_ms = 40.0 * self.driver.frames
        return True

    def retrieve(self) -> tuple[bool, np.ndarray | None]:
        if self.driver.broken:
            return False, None
        rng = np.random.default_rng(self.driver.frames)
        bgr = np.full((self.size[1], self.size[0], 3), (40, 90, 200), np.uint8)
        bgr += rng.integers(0, 12, bgr.shape, np.uint8)
        return True, bgr[..., 0] if self.driver.grey else bgr

    def release(self) -> None:
        self.open = False


def plug_in(monkeypatch: pytest.MonkeyPatch, driver: Driver | None = None) -> Driver:
    """Have `usb:0` find this driver's device."""
    driver = driver or Driver()
    monkeypatch.setattr("edge_runtime.cameras.usb.find_device", lambda name: Path(f"/dev/video{name}"))
    monkeypatch.setattr("edge_runtime.cameras.usb.check_device", lambda path: "a camera")
    monkeypatch.setattr("edge_runtime.cameras.usb.asker", lambda path: driver.ask)
    monkeypatch.setattr("edge_runtime.cameras.usb.cv2.VideoCapture", lambda *_: Capture(driver))
    return driver
