"""A stand-in for the module picamera2: it keeps the rules of the real one (0.3.38), and can be told to fail.

It shows a scene on a sensor through an ISP that crops, scales by area, and lays the picture out in any of the formats,
with rows as wide as it likes: what libcamera's virtual camera cannot show.
"""

from __future__ import annotations

import types
from dataclasses import dataclass, field

import cv2
import numpy as np

SENSOR = (304, 404)


def scene(height: int = SENSOR[0], width: int = SENSOR[1]) -> np.ndarray:
    """Smooth colours: red grows to the right, green downwards, blue along the diagonal."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    red, green = 40 + 160 * x / (width - 1), 40 + 160 * y / (height - 1)
    return np.rint(np.stack([red, green, 240 - (red + green) / 2], axis=2)).astype(np.uint8)


@dataclass
class World:
    """What the devices of a test have in common; a test changes it while they run."""

    picture: np.ndarray = field(default_factory=scene)
    format: str | None = None  # what the ISP makes of any wish
    lores_size: tuple[int, int] | None = None  # (width, height), likewise
    padding: int = 0  # bytes at the end of each row
    encoding: str = "Rec601"
    full_range: bool = True
    controls: tuple[str, ...] = (
        "ScalerCrop", "ScalerCrops", "AeEnable", "AwbEnable", "ExposureTime", "AnalogueGain", "ColourGains",
        "FrameDurationLimits",
    )  # fmt: skip
    crop_maximum: tuple[int, int, int, int] | None = None  # of the mode that is chosen without a wish
    exposure_us: int = 1234  # that the automatic has come to
    faults: list[str] = field(default_factory=list)  # taken one by one: "hang", "error"
    absent: bool = False
    cut_off: bool = False  # buffers lack their last byte
    holder: object = None
    opened: list[Picamera2] = field(default_factory=list)
    frames: int = 0


def module(world: World) -> types.ModuleType:
    """Return what `import picamera2` is to give."""
    made = types.ModuleType("picamera2")
    made.Picamera2 = lambda number=0: Picamera2(world, number)  # type: ignore[attr-defined]
    return made


class Picamera2:
    def __init__(self, world: World, number: int) -> None:
        self.world = world
        self.closed = self.started = False
        self.configured: list[dict] = []
        self.set: dict = {}
        self.cancelled = False
        if world.absent or number:
            raise RuntimeError(f"No camera number {number} found")
        if world.holder is not None:
            try:
                raise RuntimeError("Failed to acquire camera: Device or resource busy")
            except RuntimeError as error:
                raise RuntimeError("Camera __init__ sequence did not complete.") from error
        world.holder = self
        world.opened.append(self)
        height, width = world.picture.shape[:2]
        self.sensor_resolution = (width, height)
        self.camera_properties = {"PixelArraySize": (width, height)}
        self.camera_controls = dict.fromkeys(world.controls, (0, 0, 0))

    def create_video_configuration(self, main, lores=None, raw=None, buffer_count=6, controls=None):
        assert all(length % 2 == 0 for length in main["size"])
        return {"main": dict(main), "lores": lores and dict(lores), "raw": raw, "controls": controls}

    def configure(self, configuration) -> None:
        world = self.world
        main, lores = configuration["main"], configuration["lores"]
        if world.format:
            main["format"] = world.format
        if lores and world.lores_size:
            lores["size"] = world.lores_size
        for stream in filter(None, (main, lores)):
            depth = {"BGR888": 3, "RGB888": 3, "XBGR8888": 4, "XRGB8888": 4}.get(stream["format"], 1)
            stream["stride"] = stream["size"][0] * depth + world.padding
        height, width = world.picture.shape[:2]
        shown = world.crop_maximum if not configuration["raw"] and world.crop_maximum else (0, 0, width, height)
        self.camera_properties["ScalerCropMaximum"] = self.shown = shown
        named = types.SimpleNamespace
        configuration["colour_space"] = named(
            ycbcrEncoding=named(name=world.encoding), range=named(name="Full" if world.full_range else "Limited")
        )
        self.set = dict(configuration["controls"] or {})
        self.configured.append(configuration)

    def camera_configuration(self):
        return self.configured[-1]

    def set_controls(self, controls) -> None:
        assert set(controls) <= set(self.world.controls), "RuntimeError: Control is not advertised by libcamera"
        self.set |= controls

    def start(self) -> None:
        self.started = True

    def capture_request(self, wait=None):
        assert wait is False
        return "job"

    def wait(self, job, timeout=None):
        assert job == "job" and timeout is not None and self.started and not self.closed
        fault = self.world.faults.pop(0) if self.world.faults else None
        if fault == "hang":
            raise TimeoutError
        if fault == "error":
            raise RuntimeError("Camera frontend has timed out")
        self.world.frames += 1
        return Request(self, self.world.frames)

    def cancel_all_and_flush(self) -> None:
        self.cancelled = True

    def close(self) -> None:
        if self.world.holder is self:
            self.world.holder = None
        self.closed = True


class Request:
    held = 0

    def __init__(self, device: Picamera2, number: int) -> None:
        Request.held += 1
        self.device, self.number = device, number

    @property
    def crop(self) -> tuple[int, int, int, int]:
        crops = self.device.set.get("ScalerCrops")
        x, y, width, height = crops[0] if crops else self.device.set.get("ScalerCrop", self.device.shown)
        left, top, most_width, most_height = self.device.shown
        x, y = max(x, left), max(y, top)
        return x, y, min(width, left + most_width - x), min(height, top + most_height - y)

    def get_metadata(self) -> dict:
        told = {"SensorTimestamp": self.number * 33_000_000, "FrameDuration": 33_000}
        told |= {name: value for name, value in self.device.set.items() if name in ("ExposureTime", "AnalogueGain")}
        told.setdefault("ExposureTime", self.device.world.exposure_us)
        told.setdefault("AnalogueGain", 1.5)
        told["ColourGains"] = self.device.set.get("ColourGains", (2.1, 1.7))
        if "ScalerCrop" in self.device.world.controls:
            told["ScalerCrop"] = self.crop
        return told

    def make_buffer(self, name: str) -> np.ndarray:
        stream, world = self.device.configured[-1][name], self.device.world
        x, y, width, height = self.crop
        rgb = cv2.resize(world.picture[y : y + height, x : x + width], stream["size"], interpolation=cv2.INTER_AREA)
        noise = np.random.default_rng(self.number).integers(0, 2, rgb.shape, np.uint8)
        data = laid_out(rgb + noise, stream["format"], stream["stride"], world.encoding, world.full_range)
        return data[:-1] if world.cut_off else data

    def release(self) -> None:
        Request.held -= 1


def laid_out(rgb: np.ndarray, format_: str, stride: int, encoding: str, full_range: bool) -> np.ndarray:
    """Lay a picture out as an ISP does, from the definitions of the formats; the padding is rubbish."""
    height, width = rgb.shape[:2]
    if format_ in ("NV12", "YUV420"):
        planes = _yuv_planes(rgb, format_, encoding, full_range, stride)
    else:
        order = [2, 1, 0] if format_ in ("RGB888", "XRGB8888") else [0, 1, 2]
        pixels = rgb[..., order]
        if format_.startswith("X"):
            pixels = np.concatenate([pixels, np.full((height, width, 1), 255, np.uint8)], axis=2)
        planes = [(pixels.reshape(height, -1), stride)]
    rows = []
    for plane, row in planes:
        padded = np.random.default_rng(0).integers(0, 256, (len(plane), row), np.uint8)
        padded[:, : plane.shape[1]] = plane
        rows.append(padded.ravel())
    return np.concatenate(rows)


def _yuv_planes(rgb, format_, encoding, full_range, stride):
    red, blue = {"Rec601": (0.299, 0.114), "Rec709": (0.2126, 0.0722)}[encoding]
    r, g, b = np.moveaxis(rgb.astype(float), 2, 0)
    y = red * r + (1 - red - blue) * g + blue * b
    u, v = (b - y) / (2 * (1 - blue)), (r - y) / (2 * (1 - red))
    u, v = (plane.reshape(plane.shape[0] // 2, 2, -1, 2).mean((1, 3)) for plane in (u, v))
    if not full_range:
        y, u, v = 16 + y * 219 / 255, u * 224 / 255, v * 224 / 255
    y, u, v = (np.rint(np.clip(plane, 0, 255)).astype(np.uint8) for plane in (y, u + 128, v + 128))
    if format_ == "NV12":
        return [(y, stride), (np.stack([u, v], axis=2).reshape(len(u), -1), stride)]
    return [(y, stride), (u, stride // 2), (v, stride // 2)]
