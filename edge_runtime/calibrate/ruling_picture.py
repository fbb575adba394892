"""Draw the lines that the scale was measured by over the picture they were found in: for a person to judge."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.atomic import write_bytes
from edge_runtime.errors import BadInput

from .micrometer import MicrometerScale

_WIDEST_PX = 1600
_GREEN, _INK, _PAPER = (0, 150, 0), (20, 20, 20), (255, 255, 255)


def draw_rulings(grey: NDArray[np.float32], scale: MicrometerScale) -> NDArray[np.uint8]:
    """Return the picture, float32 (h, w), with the lines found drawn in green, each 10th thick, and a bar; BGR."""
    height, width = grey.shape
    factor = min(1.0, _WIDEST_PX / width)
    size = round(width * factor), round(height * factor)
    shown = cv2.resize(np.clip(grey, 0, 255).astype(np.uint8), size, interpolation=cv2.INTER_AREA)
    canvas = np.asarray(cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR), np.uint8)
    rulings = scale.graduation.rulings
    ends = [rulings.in_picture(rulings.x + rulings.slope * y, y) for y in (rulings.top, rulings.bottom)]
    middle = (np.asarray([width, height]) - 1) / 2
    starts, stops = (np.rint((end + middle) * factor).astype(int) for end in ends)
    for start, stop, number in zip(starts, stops, scale.graduation.numbers, strict=True):
        cv2.line(canvas, tuple(start.tolist()), tuple(stop.tolist()), _GREEN, 3 if number % 10 == 0 else 1, cv2.LINE_AA)
    _label(canvas, scale, factor)
    return canvas


def _label(canvas: NDArray[np.uint8], scale: MicrometerScale, factor: float) -> None:
    """Write what was found, over a bar of a round length, into the lower left corner."""
    bar_um = 10.0 ** np.floor(np.log10(max(1e-6, 0.4 * canvas.shape[1] / factor * scale.um_per_px)))
    bar_px = round(bar_um / scale.um_per_px * factor)
    text = (
        f"{scale.lines} lines, {scale.pitch_um:g} um each: {scale.um_per_px:.5f} um/px +- {scale.uncertainty:.5f}; "
        f"the bar is {bar_um:g} um"
    )
    bottom = canvas.shape[0] - 12
    cv2.rectangle(canvas, (0, bottom - 44), (canvas.shape[1] - 1, canvas.shape[0] - 1), _PAPER, -1)
    cv2.putText(canvas, text, (12, bottom - 22), cv2.FONT_HERSHEY_SIMPLEX, 0.55, _INK, 1, cv2.LINE_AA)
    cv2.line(canvas, (12, bottom), (12 + bar_px, bottom), _INK, 3)


def write_picture(path: Path, bgr: NDArray[np.uint8]) -> None:
    """Write a picture as a PNG, whole or not at all."""
    encoded, data = cv2.imencode(".png", bgr)
    if not encoded:
        raise BadInput(f"expected a picture that can be written as PNG, found {bgr.shape}")
    write_bytes(path, data.tobytes())
