"""The kind `preview`: the mosaic as a picture for everybody, with the heat over it; the report shows it, too."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.session.reading import Session
from edge_runtime.sinks.colours import INK, LEVELS, OUTLINE, PAPER, TISSUE, tint
from edge_runtime.sinks.legend import FONT, NOT_A_DIAGNOSIS, round_length_um

from .ground import STEP_UM, Ground, ground_of
from .mosaic import Mosaic, levels_strip
from .placing import Placed

LONGEST_PX = 2400
LEGEND_PX, SCALE_PX = 96, 240
"""Height of the legend, and width of its scale of colours."""
EDGE = (176, 180, 186)
"""RGB of the line around what was seen."""


def write_preview(session: Session, placed: Placed, path: Path) -> None:
    """Write a PNG of the overview with a legend below it."""
    ground = ground_of(placed)
    picture = heated(overview(session, placed, ground, LONGEST_PX), placed, ground)
    um_per_px = max(placed.um_per_px, placed.width_um / picture.shape[1])
    label = session.model().contract.labels[-1]
    picture = np.vstack([picture, _legend(picture.shape[1], um_per_px, label)])
    done, png = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    assert done
    path.write_bytes(png.tobytes())


def overview(session: Session, placed: Placed, ground: Ground, longest_px: int) -> NDArray[np.uint8]:
    """Return the mosaic, uint8 (h, w, 3), RGB, of at most `longest_px` a side and no finer than it is."""
    um_per_px = max(placed.um_per_px, max(placed.width_um, placed.height_um) / longest_px)
    mosaic = Mosaic(session, placed, um_per_px)
    picture = mosaic.strip(0, mosaic.shape[0])
    _outline(picture, ground.seen, um_per_px, EDGE, 1)
    return picture


def heated(picture: NDArray[np.uint8], placed: Placed, ground: Ground) -> NDArray[np.uint8]:
    """Return an overview with probabilities laid over it, and the regions called carcinoma outlined."""
    height, width = picture.shape[:2]
    um_per_px = max(placed.um_per_px, max(placed.width_um, placed.height_um) / max(height, width))
    picture = tint(picture, levels_strip(ground, um_per_px, width)(0, height))
    line = 2 if max(height, width) >= 1000 else 1
    _outline(picture, ground.positive, um_per_px, INK, 2 * line + 1)
    _outline(picture, ground.positive, um_per_px, OUTLINE, line)
    return picture


def _legend(width: int, um_per_px: float, label: str) -> NDArray[np.uint8]:
    """Return what stands below a mosaic of `width` px, uint8 (h, width, 3), RGB; as far as there is room."""
    legend = np.full((LEGEND_PX, width, 3), PAPER, np.uint8)
    length_um = round_length_um(min(300, max(20, width // 3)) * um_per_px)
    end = 20 + round(length_um / um_per_px)
    cv2.line(legend, (20, 28), (end, 28), INK, 2)
    for x in (20, end):
        cv2.line(legend, (x, 23), (x, 33), INK, 2)
    text = f"{length_um:g} um" if length_um < 1000 else f"{length_um / 1000:g} mm"
    cv2.putText(legend, text, (20, 56), FONT, 0.5, INK, 1, cv2.LINE_AA)
    left = end + 60
    if left + SCALE_PX < width:
        levels = np.rint(np.linspace(1, LEVELS, SCALE_PX)).astype(np.uint8)[None, :]
        legend[18:36, left : left + SCALE_PX] = tint(np.full((1, SCALE_PX, 3), TISSUE, np.uint8), levels)
        cv2.rectangle(legend, (left - 1, 17), (left + SCALE_PX, 36), EDGE, 1)
        for words, x in (("0", left), (f"probability of {label}", left + 40), ("1", left + SCALE_PX - 9)):
            cv2.putText(legend, words, (x, 56), FONT, 0.5, INK, 1, cv2.LINE_AA)
    for n, line in enumerate(NOT_A_DIAGNOSIS):
        x = left + SCALE_PX + 60
        if x + 200 < width:
            cv2.putText(legend, line, (x, 32 + 24 * n), FONT, 0.55, INK, 1, cv2.LINE_AA)
        else:
            cv2.putText(legend, line, (20 + 180 * n, 84), FONT, 0.45, INK, 1, cv2.LINE_AA)
    return legend


def _outline(
    picture: NDArray[np.uint8], where: NDArray[np.bool_], um_per_px: float, colour: tuple[int, int, int], line: int
) -> None:
    """Draw a line around the True parts of a map of the ground, in place."""
    rows, columns = (
        np.minimum(((np.arange(side) + 0.5) * um_per_px / STEP_UM).astype(int), most - 1)
        for side, most in zip(picture.shape[:2], where.shape, strict=True)
    )
    mask = where[rows][:, columns].astype(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(picture, outlines, -1, colour, line, cv2.LINE_AA if line > 1 else cv2.LINE_8)
