"""Lamps that an instrument is calibrated under and works under, and real slides as its camera sees them there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from edge_runtime.calibrate.blank import measure_blank
from edge_runtime.calibration import STATED, Calibration, CameraId, Scale
from edge_runtime.cameras.degrade import NoiseSheet, dirt_map, falloff_map
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.records import Frame

from .drift_fields import Light, SlideField, enlarged, size_px

SEED = 3
"""Of where the specks lie."""


@dataclass(frozen=True)
class Lamp:
    """A light that an instrument was calibrated under, and works under."""

    name: str
    """In words."""
    rgb: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """Its level in R, G, B; 1 is that of the training slides."""
    falloff: float = 0.0
    """Share of it that is missing in the corners."""
    specks: int = 0
    """Of dirt near the sensor."""

    def light(self, size: tuple[int, int]) -> Light:
        """Return it over a picture of `size` (height, width), float32 (h, w, 3)."""
        grey = falloff_map(size, self.falloff) * dirt_map(size, self.specks, SEED)
        return np.asarray(grey[..., None] * np.asarray(self.rgb, np.float32), np.float32)


EVEN = Lamp("even and white")
LAMPS = (
    EVEN,
    Lamp("at 75 %", (0.75, 0.75, 0.75)),
    Lamp("at 60 %", (0.6, 0.6, 0.6)),
    Lamp("half as bright in the corners", (0.95, 0.95, 0.95), 0.5),
    Lamp("warm: green at 92 %, blue at 85 %", (0.95, 0.874, 0.8075)),
    Lamp("all of it: 85 %, corners, warm", (0.85, 0.8075, 0.748), 0.4),
    Lamp("20 specks", (0.95, 0.95, 0.95), 0.0, 20),
)


def photographed(fields: Sequence[SlideField], lamp: Lamp, um_per_px: float, sheet: NoiseSheet) -> list[Frame]:
    """Return fields as frames under a lamp, with the sensor's noise."""
    light, frames = lamp.light(size_px(um_per_px)), []
    for index, (pixels, has_data) in enumerate(fields):
        lit = np.asarray(cv2.multiply(enlarged(pixels, um_per_px), light, dtype=cv2.CV_8U), np.uint8)
        holes = cv2.resize(has_data.view(np.uint8), lit.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
        frames.append(Frame(sheet.over(lit, index), um_per_px, index, lamp.name, has_data=holes))
    return frames


def calibration_under(lamp: Lamp, um_per_px: float, sheet: NoiseSheet) -> Calibration:
    """Return the calibration that a blank field under a lamp gives; its focus is not measured."""
    light = lamp.light(size_px(um_per_px))
    glass = np.asarray(np.rint(light * np.asarray(GLASS_RGB, np.float32)), np.uint8)
    blank = measure_blank((sheet.over(glass, 100 + n) for n in range(4)), "")
    camera = CameraId("synthetic", "", light.shape[1], light.shape[0])
    return Calibration(Scale(um_per_px, STATED), camera, "4x", lamp.name, blank=blank)
