"""What a Raspberry Pi camera is asked for, and what it made of that."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge_runtime.cameras.controls import Settings
from edge_runtime.cameras.pi_formats import Layout, check_layout
from edge_runtime.cameras.pi_geometry import FINE_UM_PER_PX, Plan, covers, plan
from edge_runtime.cameras.stage import Box

log = logging.getLogger(__name__)

_BUFFERS = 4
"""Frames on their way at once: 35 MB at 0.8 µm per px on a 12 megapixel sensor."""


@dataclass(frozen=True)
class PiOptions:
    """What a person asked of a Pi camera."""

    number: int
    """Which of the cameras, from 0."""
    um_per_px: float
    """µm of tissue that one pixel of the sensor covers."""
    model_um_per_px: float | None
    """The model's scale, to which the ISP reduces the second picture; None: no second picture."""
    fine_um_per_px: float = FINE_UM_PER_PX
    """Scale of the first picture, where the sensor is finer."""
    crop: tuple[int, int] | None = None
    """(height, width) of the middle of the sensor that is used, px; None: all."""
    fps: float | None = None
    """Frames a second; None: the driver's own choice."""
    format: str = "BGR888"
    """libcamera's name for what the ISP gives; BGR888 is R, G, B in memory and costs the processor nothing."""
    settings: Settings = field(default_factory=Settings)
    """Exposure, gain, white balance."""
    timeout_s: float = 5.0
    """A request that is not done after so long never will be."""


def sensor_size(device: Any) -> tuple[int, int]:
    """Return (height, width) of the sensor, px: the largest crop of its full resolution."""
    width, height = device.camera_properties.get("PixelArraySize") or device.sensor_resolution
    return int(height), int(width)


def set_up(device: Any, options: PiOptions, sensor: tuple[int, int], name: str) -> tuple[Layout, Layout | None]:
    """Have a device give what is asked for; return how the fine and the reduced picture will lie in memory.

    `sensor` is its (height, width), px. The reduced one, still twice as large as it is to be, is None where none was
    asked for, or the camera gives another.
    """
    wanted = _plan(device, sensor, options)
    _configure(device, wanted, options, sensor)
    layouts = _read_back(device, wanted, name)
    _set_crop(device, wanted)
    return layouts


def _plan(device: Any, sensor: tuple[int, int], options: PiOptions) -> Plan:
    """Return what to ask for; a camera that cannot crop (none of a Pi's own) is taken as it is."""
    if not {"ScalerCrop", "ScalerCrops"} & set(device.camera_controls):
        return plan(sensor, options.um_per_px, None, options.um_per_px)
    return plan(sensor, options.um_per_px, options.model_um_per_px, options.fine_um_per_px, options.crop)


def _configure(device: Any, wanted: Plan, options: PiOptions, sensor: tuple[int, int]) -> None:
    """Configure the device; where the mode of the sensor that it chose shows less than is wanted, by its full one."""
    device.configure(_configuration(device, wanted, options))
    shown = device.camera_properties.get("ScalerCropMaximum")
    if shown and not covers(Box(*shown), wanted.crop):
        raw = {"size": sensor[::-1]}
        device.configure(_configuration(device, wanted, options, raw=raw))


def _configuration(device: Any, wanted: Plan, options: PiOptions, **raw: Any) -> Any:
    main = {"size": wanted.main[::-1], "format": options.format, "preserve_ar": False}
    lores = None
    if wanted.lores_asked is not None:
        lores = {
            "size": wanted.lores_asked[::-1],
            "format": "YUV420",
            "preserve_ar": False,
        }  # the only kind a Pi 4 has here
    controls = {}
    if options.fps is not None and "FrameDurationLimits" in device.camera_controls:
        controls["FrameDurationLimits"] = (round(1e6 / options.fps),) * 2
    return device.create_video_configuration(main, lores=lores, buffer_count=_BUFFERS, controls=controls, **raw)


def _read_back(device: Any, wanted: Plan, name: str) -> tuple[Layout, Layout | None]:
    """Return how the pictures will lie in memory: a camera adjusts silently what it cannot do."""
    told = device.camera_configuration()
    space = told.get("colour_space")
    main, lores = (_layout(told.get(stream), space) for stream in ("main", "lores"))
    assert main is not None  # every configuration has a main stream
    log.info("%s: %dx%d px, %s", name, main.size[1], main.size[0], main.format)
    if main.size != wanted.main:
        log.warning("%s: wanted %dx%d px, the camera gives %dx%d", name, *wanted.main[::-1], *main.size[::-1])
    if lores is not None and lores.size != wanted.lores_asked:
        log.warning("%s: gives no second picture at the model's scale; the processor makes it", name)
        lores = None
    return main, lores


def _layout(stream: Mapping[str, Any] | None, space: Any) -> Layout | None:
    if stream is None:
        return None
    width, height = stream["size"]
    encoding, range_ = (getattr(getattr(space, name, None), "name", "") for name in ("ycbcrEncoding", "range"))
    return check_layout(
        Layout(stream["format"], (height, width), stream["stride"], encoding or "Rec601", range_ != "Limited")
    )


def _set_crop(device: Any, wanted: Plan) -> None:
    """Have both pictures show the same part of the sensor; each frame's metadata tells what came of it."""
    crop = (wanted.crop.x, wanted.crop.y, wanted.crop.width, wanted.crop.height)
    if "ScalerCrops" in device.camera_controls:  # newer libcamera: one for each picture
        device.set_controls({"ScalerCrops": [crop] * (1 if wanted.lores is None else 2)})
    elif "ScalerCrop" in device.camera_controls:
        device.set_controls({"ScalerCrop": crop})
