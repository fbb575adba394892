"""A Raspberry Pi camera, open: its image processor crops and scales, and one request gives both sizes."""

from __future__ import annotations

import concurrent.futures
import logging
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from edge_runtime.cameras.controls import Settings, differences
from edge_runtime.cameras.pi_controls import PiControls
from edge_runtime.cameras.pi_formats import Layout, check_layout, to_rgb
from edge_runtime.cameras.pi_geometry import FINE_UM_PER_PX, Plan, covers, delivered_um_per_px, plan
from edge_runtime.cameras.stage import Box
from edge_runtime.errors import CameraHung, CameraLost, GarbledPicture
from edge_runtime.records import Frame, LostFrame

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


class PiCamera:
    """Owns an open, started Picamera2."""

    def __init__(self, device: Any, options: PiOptions) -> None:
        """Configure the device, read back what it made of that, and start it."""
        self._device = device
        self._options = options
        self._name = f"pi:{options.number}"
        self._sensor = sensor_size(device)
        wanted = _plan(device, self._sensor, options)
        _configure(device, wanted, options, self._sensor)
        self._main, self._lores = _read_back(device, wanted, self._name)
        _set_crop(device, wanted)
        self._metadata: Mapping[str, Any] = {}
        self.controls = PiControls(device, self._last_metadata)
        if options.settings.says_something:
            for said in differences(options.settings, self.controls.set(options.settings)):
                log.warning("%s: %s", self._name, said)
        device.start()

    def frames(self) -> Iterator[Frame | LostFrame]:
        """Yield frames without end: the fine picture, and beside it the one at the model's scale."""
        index = 0
        while True:
            yield self._frame_or_why_not(index)
            index += 1

    def close(self) -> None:
        """Stop the camera and give it back."""
        self._device.close()

    def _frame_or_why_not(self, index: int) -> Frame | LostFrame:
        try:
            return self._frame(index)
        except GarbledPicture as error:
            return LostFrame(index, f"{self._name}#{index}", error.reason, str(error))

    def _frame(self, index: int) -> Frame:
        request = self._request()
        try:
            self._metadata = told = request.get_metadata()
            pixels = to_rgb(request.make_buffer("main"), self._main)
            coarse = None if self._lores is None else to_rgb(request.make_buffer("lores"), self._lores)
        finally:
            request.release()
        crop = Box(*(told.get("ScalerCrop") or (0, 0, self._sensor[1], self._sensor[0])))
        duration_us = told.get("FrameDuration")
        return Frame(
            pixels,
            delivered_um_per_px(self._options.um_per_px, crop, self._main.size),
            index,
            f"{self._name}#{index}",
            timestamp_ns=told.get("SensorTimestamp"),
            interval_ns=None if not duration_us else round(duration_us * 1000),
            reduced=coarse if self._is_at_model_scale(crop) else None,
            sensor_px=self._sensor,
        )

    def _is_at_model_scale(self, crop: Box) -> bool:
        model = self._options.model_um_per_px
        if self._lores is None or model is None:
            return False
        return math.isclose(delivered_um_per_px(self._options.um_per_px, crop, self._lores.size), model, rel_tol=0.005)

    def _request(self) -> Any:
        job = self._device.capture_request(wait=False)
        try:
            return self._device.wait(job, timeout=self._options.timeout_s)
        except (concurrent.futures.TimeoutError, TimeoutError) as error:  # two classes before Python 3.11
            self._device.cancel_all_and_flush()  # else closing waits for the request, too
            raise CameraHung(
                f"{self._name}: expected a frame within {self._options.timeout_s:g} s, libcamera gave none; "
                "check the camera's ribbon cable"
            ) from error
        except RuntimeError as error:
            raise CameraLost(f"{self._name}: {error}; check the camera's ribbon cable") from error

    def _last_metadata(self) -> Mapping[str, Any]:
        if not self._metadata:
            request = self._request()
            try:
                self._metadata = request.get_metadata()
            finally:
                request.release()
        return self._metadata


def sensor_size(device: Any) -> tuple[int, int]:
    """Return (height, width) of the sensor, px: the largest crop of its full resolution."""
    width, height = device.camera_properties.get("PixelArraySize") or device.sensor_resolution
    return int(height), int(width)


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
    if wanted.lores is not None:
        lores = {"size": wanted.lores[::-1], "format": "YUV420", "preserve_ar": False}  # the only kind a Pi 4 has here
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
    if lores is not None and lores.size != wanted.lores:
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
