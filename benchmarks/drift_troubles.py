"""What goes wrong with an instrument while it runs, and which alarms are right then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.cameras.degrade import defocus, falloff_map, lit

from .drift_fields import Light

Spoil = Callable[[NDArray[np.uint8], Light, float, float], NDArray[np.uint8]]
"""(field as a camera would see it evenly lit, its light, how far it has come 0..1, µm per px) -> frame."""


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong with an instrument."""

    name: str
    """In words."""
    expected: frozenset[str]
    """The alarms that are right; none: nothing is wrong."""
    spoil: Spoil
    """What it makes of a frame."""


def _dimmed(to: tuple[float, float, float]) -> Spoil:
    factor = np.asarray(to, np.float32)
    return lambda pixels, light, come, _: lit(pixels, light * (1 + (factor - 1) * np.float32(come)))


def _blurred(sigma_um: float) -> Spoil:
    return lambda pixels, light, come, um: lit(defocus(pixels, sigma_um * come, um), light)


def _misted(pixels: NDArray[np.uint8], light: Light, come: float, um: float) -> NDArray[np.uint8]:
    """Blur, and lay a share of the mean light over everything: droplets scatter."""
    veil = 0.35 * come
    blurred = defocus(pixels, 4 * come, um).astype(np.float32)
    hazy = (1 - veil) * blurred + veil * blurred.mean((0, 1))
    return lit(np.asarray(np.rint(hazy), np.uint8), light)


def _other_falloff(pixels: NDArray[np.uint8], light: Light, come: float, _: float) -> NDArray[np.uint8]:
    """Light the view as another objective would: more falloff, its centre elsewhere."""
    height, width = pixels.shape[:2]
    wide = falloff_map((2 * height, 2 * width), 0.9)[height // 2 :, width // 3 :][:height, :width]
    even = light / falloff_map((height, width), 0.25)[..., None]
    return lit(pixels, np.asarray(even * (wide / wide.max())[..., None] * come + light * (1 - come), np.float32))


def _closer(pixels: NDArray[np.uint8], light: Light, come: float, um: float) -> NDArray[np.uint8]:
    """Show the middle of the field 2.5 times as large, as a 10x objective does where a 4x was: the light unchanged."""
    if come == 0:
        return lit(pixels, light)
    height, width = pixels.shape[:2]
    part = pixels[int(0.3 * height) : int(0.7 * height), int(0.3 * width) : int(0.7 * width)]
    return lit(np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8), light)


TROUBLES = (
    Trouble("none", frozenset(), _dimmed((1, 1, 1))),
    Trouble("lamp to 95 %", frozenset(), _dimmed((0.95, 0.95, 0.95))),
    Trouble("lamp to 80 %", frozenset({"lamp_dim"}), _dimmed((0.8, 0.8, 0.8))),
    Trouble("lamp to 50 %", frozenset({"lamp_dim"}), _dimmed((0.5, 0.5, 0.5))),
    Trouble("blue to 92 %", frozenset({"colour_drift"}), _dimmed((1.0, 1.0, 0.92))),
    Trouble("another objective's falloff", frozenset({"uneven_light", "lamp_dim", "lamp_bright"}), _other_falloff),
    Trouble("condensation", frozenset({"condensation", "soft_focus", "colour_drift"}), _misted),
    Trouble("defocus of 4 µm", frozenset({"soft_focus", "condensation"}), _blurred(4)),
    Trouble("10x for 4x, lit the same", frozenset({"soft_focus", "condensation"}), _closer),
)
