"""Take frames for a step of the calibration from any source, with its automatics locked."""

from __future__ import annotations

import contextlib
import itertools
import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.calibration import CameraId
from edge_runtime.cameras import Camera
from edge_runtime.cameras.controls import Settings
from edge_runtime.cameras.options import UM_PER_PX
from edge_runtime.cameras.registry import open_camera, parse_source
from edge_runtime.errors import BadInput, UnknownScale
from edge_runtime.records import Frame
from edge_runtime.scale import check_um_per_px

log = logging.getLogger(__name__)

FILE_KINDS = frozenset({"folder", "slide", "video"})
FILES = "files"
"""Pictures of any origin are one kind of camera."""
SETTLING = 10
"""Frames of a live camera that are passed over while its automatics settle."""
_MOST_LOST = 20
_ANY_SCALE = 1.0
"""At which a source is opened that wants to be told its scale, which is what we are to find; µm per px."""


@dataclass(frozen=True)
class View:
    """An open source, and what it works with."""

    camera: CameraId
    """Which it is, and of what resolution."""
    settings: Settings
    """Exposure, gain and white balance, locked."""
    pictures: Iterator[NDArray[np.uint8]]
    """uint8 (h, w, 3), RGB; to be taken once, while the source is open."""


def camera_id(source: str, size: tuple[int, int], called: str | None = None) -> CameraId:
    """Return which camera a source's text names; `size` is (height, width) of its frames, px.

    `called`, KIND:NAME, says which one pictures are of, where they were taken with a camera of this instrument.
    """
    spec = parse_source(source)
    kind, name = (FILES, "") if spec.kind in FILE_KINDS else (spec.kind, spec.path)
    if kind == "pi" and name == "0":
        name = ""  # pi: and pi:0 are one camera
    if called is not None:
        kind, colon, name = called.partition(":")
        if not (kind and colon):
            raise BadInput(f"expected --camera KIND:NAME, as pi: or usb:/dev/video0, found {called!r}")
    return CameraId(kind, name, size[1], size[0])


@contextlib.contextmanager
def view(source: str, number: int, settings: Settings | None = None, called: str | None = None) -> Iterator[View]:
    """Open a source and take `number` frames; a live camera settles first, or is set as `settings` say, and is locked.

    Raises BadInput where it gives no frame, or frames of several sizes.
    """
    live = parse_source(source).kind not in FILE_KINDS
    with contextlib.closing(open_at_any_scale(source)) as camera:
        frames = _frames(camera)
        drifting = live and not camera.controls.read().locked
        if settings is not None and live:
            camera.controls.set(settings)
        if live and (drifting or settings is not None):
            frames = itertools.islice(frames, SETTLING, None)
        first = next(frames, None)
        if first is None:
            raise BadInput(f"{source}: expected frames, found none that can be read; check the source")
        _check_whole(first, source)
        taken = camera.controls.lock()
        if drifting:
            first = next(frames, first)  # the one before was taken on the way
        size = first.pixels.shape[0], first.pixels.shape[1]
        rest = itertools.islice(frames, number - 1)
        yield View(camera_id(source, size, called), taken, _of_one_size(itertools.chain([first], rest), size, source))


def open_at_any_scale(source: str) -> Camera:
    """Open a source, with any scale where it wants to be told one: then its frames do not tell theirs."""
    try:
        return open_camera(source)
    except UnknownScale:
        return open_camera(source, _ANY_SCALE)


def _check_whole(frame: Frame, source: str) -> None:
    """Raise BadInput where the camera's own processor reduced the picture: the scale in a file is the sensor's."""
    stated = parse_source(source).options.get(UM_PER_PX)
    times = frame.um_per_px / (_ANY_SCALE if stated is None else check_um_per_px(stated))
    if frame.sensor_px is not None and not math.isclose(times, 1, rel_tol=0.01):
        raise BadInput(
            f"{source}: expected the pixels of the sensor, found a picture that the camera reduced {times:.3g} times; "
            "leave um_per_px= and fine= out of the source: the scale is what is to be found"
        )


def _frames(camera: Camera) -> Iterator[Frame]:
    lost = 0
    for frame in camera.frames():
        if isinstance(frame, Frame):
            yield frame
            continue
        lost += 1
        log.warning("%s: %s", frame.source, frame.message)
        if lost > _MOST_LOST:
            raise BadInput(f"expected frames, found {lost} that could not be read; check the source")


def _of_one_size(frames: Iterator[Frame], size: tuple[int, int], source: str) -> Iterator[NDArray[np.uint8]]:
    for frame in frames:
        found = frame.pixels.shape[:2]
        if found != size:
            raise BadInput(
                f"{source}: expected pictures of one size, found {size[1]}x{size[0]} and {found[1]}x{found[0]} px "
                f"({frame.source}); give those of one resolution"
            )
        yield frame.pixels
