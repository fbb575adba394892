"""The sink `overlay`: for each frame a PNG of what was seen and what was said of it."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.atomic import write_bytes
from edge_runtime.contract import Contract
from edge_runtime.errors import BadInput
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult, TileResult
from edge_runtime.sinks.colours import FAINT, HOLE, INK, OUTLINE, PAPER, level_of, tint
from edge_runtime.sinks.legend import FONT, draw_legend, reason_marks

LONGER_SIDE_PX = (1000, 1600)
"""A picture is enlarged to the first or reduced to the second, so that marks and text can be read."""
HATCH_STEP_PX, MARK_SIZE = 12, 0.42
ROOMY_PX = 60
"""Tiles drawn smaller than this get a thin outline."""

Rectangle = tuple[int, int, int, int]


class Overlay:
    """Writes `frame_000001.png` into its folder, one a frame; a lost frame has no picture and gets none."""

    def __init__(self, folder: Path, contract: Contract) -> None:
        """Take the folder, and the contract that says labels and thresholds."""
        self._folder = folder
        self._contract = contract

    def write(self, frame: Frame | None, result: FrameResult) -> None:
        """Draw one frame and write it, whole or not at all."""
        if frame is None:
            return
        threshold = threshold_probability(self._contract, result.operating_point, result.mode)
        picture = draw_overlay(frame, result, threshold, self._contract.labels[-1])
        _, png = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        write_bytes(self._folder / f"frame_{result.index:06d}.png", png.tobytes())

    def close(self) -> None:
        """Do nothing: each picture is closed once it is written."""


def open_sink(target: Path | TextIO, contract: Contract) -> Overlay:
    """Return an overlay sink over a folder; nothing is written before the first frame."""
    if not isinstance(target, Path):
        raise BadInput("expected a folder for the overlays, found a stream; give a folder")
    return Overlay(target, contract)


def threshold_probability(contract: Contract, operating_point: str, mode: str) -> float:
    """Return the calibrated probability, 0..1, from which a tile gets the positive label.

    In the mode `context` it is that of a tile with all its neighbours; with fewer it moves towards that of `tile`.
    """
    logit = contract.operating_point(operating_point, mode)[1].threshold_logit
    return float(contract.mode(mode).calibration.probability(np.array(logit)))


def draw_overlay(frame: Frame, result: FrameResult, threshold: float, positive: str) -> NDArray[np.uint8]:
    """Return the picture of a frame and its result, with a legend at its right: uint8 (h, w, 3), RGB.

    `threshold` is the probability, 0..1, from which a tile gets the label `positive`.
    """
    picture, zoom = _fit(frame.pixels)
    places = [_rectangle(tile, frame, result, zoom, picture.shape) for tile in result.tiles]
    levels = _levels(picture.shape[:2], result, places)
    picture = tint(picture, levels)
    marks = reason_marks(result)
    told = zip(result.tiles, places, strict=True)
    unjudged = [(marks[tile.reason], place) for tile, place in told if tile.reason in marks]
    _hatch(picture, levels, [place for _, place in unjudged])
    if frame.has_data is not None:
        picture[_holes(frame.has_data, picture.shape)] = HOLE
    for tile, place in zip(result.tiles, places, strict=True):
        if tile.label == positive:
            _outline(picture, place)
    for mark, place in unjudged:
        _mark(picture, mark, place)
    legend = draw_legend(frame, result, threshold, positive, zoom, picture.shape[0])
    padding = legend.shape[0] - picture.shape[0]
    padded = cv2.copyMakeBorder(picture, 0, padding, 0, 0, cv2.BORDER_CONSTANT, value=PAPER)
    return np.hstack([np.asarray(padded, np.uint8), legend])


def _fit(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """Return a copy of a picture at a readable size, and its px per px of the frame."""
    height, width = pixels.shape[:2]
    lowest, highest = LONGER_SIDE_PX
    zoom = min(max(1.0, lowest / max(height, width)), highest / max(height, width))
    size = max(1, round(width * zoom)), max(1, round(height * zoom))
    method = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=method), np.uint8), zoom


def _rectangle(tile: TileResult, frame: Frame, result: FrameResult, zoom: float, shape: tuple[int, ...]) -> Rectangle:
    """Return (left, top, right, bottom) of a tile on the drawn picture, px; right and bottom are one beyond."""
    side = result.tile_size_px or 0.0
    left, top = tile.x - frame.origin_xy[0], tile.y - frame.origin_xy[1]
    right, bottom = min(shape[1], round((left + side) * zoom)), min(shape[0], round((top + side) * zoom))
    return max(0, round(left * zoom)), max(0, round(top * zoom)), right, bottom


def _levels(shape: tuple[int, ...], result: FrameResult, places: list[Rectangle]) -> NDArray[np.uint8]:
    """Return the level of each px, uint8 (h, w); where tiles overlap, the higher probability is seen."""
    levels = np.zeros(shape[:2], np.uint8)
    for tile, (left, top, right, bottom) in zip(result.tiles, places, strict=True):
        if tile.probability is not None:
            part = levels[top:bottom, left:right]
            np.maximum(part, level_of(tile.probability), out=part)
    return levels


def _holes(has_data: NDArray[np.bool_], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return bool (h, w) at the size of the drawn picture: True where there is no data."""
    mask = cv2.resize(has_data.view(np.uint8), (shape[1], shape[0]), interpolation=cv2.INTER_NEAREST)
    return np.asarray(mask == 0)


def _hatch(picture: NDArray[np.uint8], levels: NDArray[np.uint8], places: list[Rectangle]) -> None:
    """Hatch the tiles that were not judged, in place, where no neighbour that was judged lies over them."""
    refused = np.zeros(levels.shape, bool)
    for left, top, right, bottom in places:
        refused[top:bottom, left:right] = True
    refused &= levels == 0
    rows, columns = (np.arange(length, dtype=np.uint16) for length in levels.shape)
    diagonal = np.add.outer(rows, columns) % HATCH_STEP_PX
    picture[refused & (diagonal == 0)] = FAINT
    picture[refused & (diagonal == 1)] = PAPER


def _mark(picture: NDArray[np.uint8], text: str, place: Rectangle) -> None:
    """Write the mark of a reason into the middle of its tile, where there is room."""
    left, top, right, bottom = place
    (width, height), _ = cv2.getTextSize(text, FONT, MARK_SIZE, 1)
    if right - left < width + 4 or bottom - top < height + 4:
        return
    x, y = (left + right - width) // 2, (top + bottom + height) // 2
    cv2.rectangle(picture, (x - 3, y - height - 4), (x + width + 2, y + 3), PAPER, cv2.FILLED)
    cv2.putText(picture, text, (x, y), FONT, MARK_SIZE, INK, 1, cv2.LINE_AA)


def _outline(picture: NDArray[np.uint8], place: Rectangle) -> None:
    left, top, right, bottom = place
    line = 2 if right - left >= ROOMY_PX else 1
    corners = (left + line, top + line), (right - 1 - line, bottom - 1 - line)
    cv2.rectangle(picture, *corners, INK, 2 * line)
    cv2.rectangle(picture, *corners, OUTLINE, line)
