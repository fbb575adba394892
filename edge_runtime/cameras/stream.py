"""The camera `stream:`: motion JPEG over http, or RTSP, from a camera of another computer."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator, Mapping
from functools import partial

import cv2
import numpy as np

from edge_runtime.cameras.controls import NoControls
from edge_runtime.cameras.options import UM_PER_PX, Asked, check_keys, read_int
from edge_runtime.cameras.recovery import RecoveringCamera
from edge_runtime.cameras.trouble import LIVE_KEYS, read_tolerance
from edge_runtime.errors import BadInput, CameraLost, GarbledPicture
from edge_runtime.records import Frame, LostFrame
from edge_runtime.scale import agreed_um_per_px, check_um_per_px

SCHEMES = ("http", "https", "rtsp", "rtsps")
REPEATS = "repeats"
_OPTIONS = {UM_PER_PX, REPEATS} | LIVE_KEYS
DEFAULT_TIMEOUT_S = 10.0
DEFAULT_REPEATS = 250
"""10 s at 25 a second: a video codec may send a still view unchanged, a sensor behind it not for so long."""


class Stream:
    """Owns an open stream."""

    def __init__(self, capture: cv2.VideoCapture, name: str, um_per_px: float, has_clock: bool) -> None:
        """Take an open capture; `has_clock` False where the sender does not say when a frame was taken."""
        self._capture = capture
        self._name = name
        self._um_per_px = um_per_px
        self._has_clock = has_clock
        self.controls = NoControls()

    def frames(self) -> Iterator[Frame | LostFrame]:
        """Yield frames until the stream ends, which is a loss."""
        index = 0
        while True:
            if not self._capture.grab():
                raise CameraLost(f"{self._name}: the stream ended, or sent nothing in time; check sender and network")
            yield self._retrieve(index)
            index += 1

    def close(self) -> None:
        """Close the connection."""
        self._capture.release()

    def _retrieve(self, index: int) -> Frame | LostFrame:
        timestamp_ns = round(self._capture.get(cv2.CAP_PROP_POS_MSEC) * 1e6) if self._has_clock else None
        decoded, bgr = self._capture.retrieve()
        name = f"{self._name}#{index}"
        if not decoded or bgr is None:
            message = f"{self._name}: expected a picture, found one that cannot be decoded; check the network"
            return LostFrame(index, name, GarbledPicture.reason, message)
        pixels = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB, dst=bgr), np.uint8)  # in place: the array is ours
        return Frame(pixels, self._um_per_px, index, name, timestamp_ns=timestamp_ns)


def open_camera(path: str, options: Mapping[str, str], asked: Asked) -> RecoveringCamera:
    """Open an address; options timeout, tries, repeats. A query of the address itself stands before a second `?`."""
    address, options = _with_its_query(path, options)
    check_keys("stream", options, _OPTIONS)
    scheme, name = _checked(address)
    scale = check_um_per_px(agreed_um_per_px(asked.um_per_px, options.get(UM_PER_PX)))
    repeats = read_int(options, REPEATS, DEFAULT_REPEATS, 1)
    tolerance = read_tolerance(options, DEFAULT_TIMEOUT_S, repeats)
    open_ = partial(_open_stream, address, name, scale, scheme.startswith("rtsp"), tolerance.frame_s)
    return RecoveringCamera(open_, name, tolerance)


def _with_its_query(path: str, options: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """Return the address and our options; a query with none of them belongs to the address."""
    if not options or any(key in _OPTIONS for key in options):
        return path, options
    return f"{path}?{'&'.join(f'{key}={value}' for key, value in options.items())}", {}


def _checked(address: str) -> tuple[str, str]:
    """Return an address's scheme, and the address without user and password, which no record shall hold."""
    try:
        parts = urllib.parse.urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or parts.scheme not in SCHEMES:
        raise BadInput(
            f"stream: expected an address that begins with one of {', '.join(f'{each}://' for each in SCHEMES)} "
            f"and names a host, found {_without_user(address)!r}; write stream:http://192.168.4.2:8000/stream.mjpg"
        )
    place = f"[{host}]" if ":" in host else host
    return parts.scheme, f"{parts.scheme}://{place}{f':{port}' if port else ''}{parts.path}"


def _without_user(address: str) -> str:
    return address.rpartition("@")[2]


def _open_stream(address: str, name: str, um_per_px: float, has_clock: bool, timeout_s: float) -> Stream:
    milliseconds = max(1, round(timeout_s * 1000 * 0.8))  # the reader gives up before the watchdog does
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, milliseconds, cv2.CAP_PROP_READ_TIMEOUT_MSEC, milliseconds]
    capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits)
    if not capture.isOpened():
        capture.release()
        raise CameraLost(
            f"{name}: expected a stream, found none within {timeout_s:g} s, or one that cannot be decoded; "
            "check address, sender and network"
        )
    return Stream(capture, name, um_per_px, has_clock)
