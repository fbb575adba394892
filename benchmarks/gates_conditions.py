"""What is done to a field to try the gates: blur, light, hue, smear, noise; and the reason that it should then get."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.cameras.degrade import defocus, lit
from edge_runtime.gates import FOREIGN_STAIN, MOVING, OUT_OF_FOCUS, SATURATED, TOO_DARK
from quantize.stain_gate import turn_hue

AS_IT_IS = "as it is"

Change = Callable[[NDArray[np.uint8], float], NDArray[np.uint8]]
"""From uint8 (h, w, 3), RGB, and µm per px to the same picture made bad."""


def _blur(sigma_um: float) -> Change:
    return lambda pixels, scale: defocus(pixels, sigma_um, scale)


def _light(gain: float) -> Change:
    return lambda pixels, _: lit(pixels, gain)


def _hue(degrees: float) -> Change:
    return lambda pixels, _: turn_hue(pixels, degrees)


def _smear(x_um: float, y_um: float) -> Change:
    return lambda pixels, scale: np.asarray(
        cv2.blur(pixels, (max(1, round(x_um / scale)), max(1, round(y_um / scale)))), np.uint8
    )


def _noise(sigma: float, before: Change | None = None) -> Change:
    def change(pixels: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
        shown = pixels if before is None else before(pixels, scale)
        grain = np.random.default_rng(0).standard_normal(shown.shape, np.float32) * np.float32(sigma)
        return np.asarray(cv2.add(shown, grain, dtype=cv2.CV_8U), np.uint8)

    return change


CONDITIONS: Mapping[str, tuple[str | None, Change]] = {
    AS_IT_IS: (None, lambda pixels, _: pixels),
    "noise of 3 grey levels": (None, _noise(3)),
    "light x0.8": (None, _light(0.8)),
    "light x1.1": (None, _light(1.1)),
    "blur of 4 µm": (None, _blur(4)),
    "blur of 8 µm": (OUT_OF_FOCUS, _blur(8)),
    "blur of 8 µm, noise of 3": (OUT_OF_FOCUS, _noise(3, _blur(8))),
    "blur of 16 µm": (OUT_OF_FOCUS, _blur(16)),
    "blur of 30 µm": (OUT_OF_FOCUS, _blur(30)),
    "light x0.5": (TOO_DARK, _light(0.5)),
    "light x0.3": (TOO_DARK, _light(0.3)),
    "light x1.5": (SATURATED, _light(1.5)),
    **{f"hue {turn:+d}°": (FOREIGN_STAIN, _hue(turn)) for turn in (-90, -60, -45, -30, 30, 45, 60, 90, 180)},
    "smear of 24 µm along x": (MOVING, _smear(24, 0)),
    "smear of 24 µm along y": (MOVING, _smear(0, 24)),
}
"""What is done to a field, and the reason that its tiles should then get; None: to be judged, or for information."""

CURVES: Sequence[tuple[str, str, str]] = (
    ("sharpness", "a tile", "blur of 4 µm"),
    ("sharpness", "a tile", "blur of 8 µm"),
    ("light", "a tile", "light x0.5"),
    ("stain_distance", "a tile", "hue -30°"),
    ("stain_distance", "a tile", "hue +30°"),
    ("stain_distance", "a view", "hue -30°"),
    ("stain_distance", "a view", "hue +30°"),
    ("clipped_share", "a tile", "light x1.5"),
)
"""Measures that are held against the fields as they are: of what, and made bad in which way."""
