"""The panel beside an overlay: what was judged, the colours, the reasons, the scale bar, and what it is not."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.alarms import Alarm
from edge_runtime.contract import CONTEXT
from edge_runtime.gates import NO_DATA
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult
from edge_runtime.sinks.colours import FAINT, HOLE, INK, LEVELS, OUTLINE, PAPER, TISSUE, tint

FONT = cv2.FONT_HERSHEY_SIMPLEX
WIDTH, LEFT, LOWEST_HEIGHT = 340, 22, 604
"""Of the panel, its left margin, and the height below which its text would not fit; px."""
ALARM_HEIGHT = 32
"""Of the bar that says what is wrong with the instrument, px."""
BAR_WIDTH = WIDTH - 2 * LEFT
NOT_A_DIAGNOSIS = ("Research use only,", "not a diagnosis")


def reason_marks(result: FrameResult) -> dict[str, str]:
    """Return a mark of two letters for each reason of a frame's tiles, holes apart: they are grey as they are."""
    marks: dict[str, str] = {}
    for reason in sorted({tile.reason for tile in result.tiles if tile.reason} - {NO_DATA}):
        words = [word for word in reason.split("_") if word != "or"]
        short = "".join(word[0] for word in words if word) if len(words) > 1 else reason[:2]
        taken = short.upper() in marks.values()
        marks[reason] = f"{short}{len(marks)}".upper() if taken else short.upper()
    return marks


def round_length_um(longest_um: float) -> float:
    """Return the longest of ..., 0.5, 1, 2, 5, 10, 20, 50, ... µm that is no longer than given."""
    power = 10.0 ** math.floor(math.log10(longest_um))
    return max(step * power for step in (1, 2, 5) if step * power <= longest_um * (1 + 1e-9))


@dataclass
class _Panel:
    """A panel that is filled from the top."""

    pixels: NDArray[np.uint8]
    """uint8 (h, WIDTH, 3), RGB."""
    y: int = 14
    """Where the next thing goes, px."""

    def text(self, words: str, size: float = 0.48, colour: tuple[int, int, int] = INK, indent: int = 0) -> None:
        """Write one line, cut to the width of the panel."""
        self.y += 16 + round(14 * size)
        words = _fitting(words, size, WIDTH - 2 * LEFT - indent)
        cv2.putText(self.pixels, words, (LEFT + indent, self.y), FONT, size, colour, 1, cv2.LINE_AA)

    def gap(self, height: int = 14) -> None:
        """Leave some room."""
        self.y += height


def draw_legend(
    frame: Frame, result: FrameResult, threshold: float, positive: str, zoom: float, height: int
) -> NDArray[np.uint8]:
    """Return the panel of a frame, uint8 (at least `height`, WIDTH, 3), RGB; zoom: px drawn for a px of the frame."""
    marks = reason_marks(result)
    rows = max(height, LOWEST_HEIGHT + 26 * len(marks) + ALARM_HEIGHT * len(result.alarms))
    panel = _Panel(np.full((rows, WIDTH, 3), PAPER, np.uint8))
    _title(panel, frame, result)
    panel.gap()
    _colour_scale(panel, threshold, positive, result)
    panel.gap()
    _counts(panel, result, marks, positive)
    panel.gap(20)
    _scale_bar(panel, frame.um_per_px, zoom)
    panel.y = rows - 62
    for line in NOT_A_DIAGNOSIS:
        panel.text(line, 0.55)
    return panel.pixels


def _title(panel: _Panel, frame: Frame, result: FrameResult) -> None:
    height, width = frame.pixels.shape[:2]
    panel.text(frame.source, 0.6)
    panel.text(f"frame {frame.index}, at x {frame.origin_xy[0]}, y {frame.origin_xy[1]} px", 0.44, FAINT)
    panel.text(f"{width} x {height} px at {frame.um_per_px:.3g} um per px", 0.44, FAINT)
    panel.text(f"model {result.model_sha256[:12]}", 0.44, FAINT)
    made = result.calibration_sha256
    panel.text("no calibration" if made is None else f"calibration {made[:12]}", 0.44, FAINT)
    for alarm in result.alarms:
        _alarm(panel, alarm)
    if result.reason:
        panel.text(f"not judged: {result.reason}", 0.55)


def _alarm(panel: _Panel, alarm: Alarm) -> None:
    """Write an alarm on a dark bar, which nothing else of the panel has."""
    top = panel.y + 6
    cv2.rectangle(panel.pixels, (LEFT - 6, top), (WIDTH - LEFT + 6, top + ALARM_HEIGHT - 6), INK, cv2.FILLED)
    words = f"{alarm.reason.replace('_', ' ')}: {alarm.value:.2f}, limit {alarm.limit:.2f}"
    panel.text(words, 0.48, OUTLINE)
    panel.y = top + ALARM_HEIGHT - 6


def _colour_scale(panel: _Panel, threshold: float, positive: str, result: FrameResult) -> None:
    """Draw the scale as it looks over tissue, with the threshold as a mark."""
    panel.text(f"probability of {positive}", 0.48)
    top, bottom = panel.y + 12, panel.y + 34
    levels = np.rint(np.linspace(1, LEVELS, BAR_WIDTH)).astype(np.uint8)[None, :]
    tissue = np.full((1, BAR_WIDTH, 3), TISSUE, np.uint8)
    panel.pixels[top:bottom, LEFT : LEFT + BAR_WIDTH] = tint(tissue, levels)
    cv2.rectangle(panel.pixels, (LEFT - 1, top - 1), (LEFT + BAR_WIDTH, bottom), FAINT, 1)
    for tick, where in (("0", LEFT), ("0.5", LEFT + BAR_WIDTH // 2 - 12), ("1", LEFT + BAR_WIDTH - 9)):
        cv2.putText(panel.pixels, tick, (where, bottom + 18), FONT, 0.42, FAINT, 1, cv2.LINE_AA)
    panel.y = bottom + 20
    x = LEFT + round(threshold * (BAR_WIDTH - 1))
    cv2.line(panel.pixels, (x, top - 5), (x, bottom + 4), INK, 2)
    panel.text(f"threshold {threshold:.2f} ({result.operating_point})", 0.44)
    panel.text("each tile among its neighbours" if result.mode == CONTEXT else "each tile by itself", 0.44, FAINT)


def _counts(panel: _Panel, result: FrameResult, marks: dict[str, str], positive: str) -> None:
    """Draw a line for each thing that a tile can be, with its key and how many there are."""
    labels, reasons = Counter(tile.label for tile in result.tiles), Counter(tile.reason for tile in result.tiles)
    judged = len(result.tiles) - sum(count for reason, count in reasons.items() if reason)
    panel.text(f"{judged} of {len(result.tiles)} tiles judged", 0.48)
    panel.gap(4)
    cv2.rectangle(panel.pixels, (LEFT + 2, panel.y + 7), (LEFT + 24, panel.y + 25), INK, 4)
    cv2.rectangle(panel.pixels, (LEFT + 2, panel.y + 7), (LEFT + 24, panel.y + 25), OUTLINE, 2)
    panel.text(f"{positive}: {labels[positive]}", 0.46, indent=40)
    for reason, mark in marks.items():
        cv2.putText(panel.pixels, mark, (LEFT, panel.y + 22), FONT, 0.46, INK, 1, cv2.LINE_AA)
        panel.text(f"not judged, {reason.replace('_', ' ')}: {reasons[reason]}", 0.46, indent=40)
    if reasons[NO_DATA]:
        cv2.rectangle(panel.pixels, (LEFT, panel.y + 9), (LEFT + 26, panel.y + 25), HOLE, cv2.FILLED)
        panel.text(f"no data: {reasons[NO_DATA]}", 0.46, indent=40)


def _scale_bar(panel: _Panel, um_per_px: float, zoom: float) -> None:
    um_per_drawn_px = um_per_px / zoom
    length_um = round_length_um(BAR_WIDTH * um_per_drawn_px)
    end = LEFT + round(length_um / um_per_drawn_px)
    y = panel.y + 8
    cv2.line(panel.pixels, (LEFT, y), (end, y), INK, 2)
    for x in (LEFT, end):
        cv2.line(panel.pixels, (x, y - 5), (x, y + 5), INK, 2)
    panel.y = y
    panel.text(f"{length_um:g} um" if length_um < 1000 else f"{length_um / 1000:g} mm", 0.48)


def _fitting(words: str, size: float, width: int) -> str:
    """Return ASCII text (the font has no more) that fits a width, px; what does not is cut in the middle."""
    words = words.replace("µ", "u").encode("ascii", "replace").decode()
    short, keep = words, len(words)
    while cv2.getTextSize(short, FONT, size, 1)[0][0] > width and keep > 4:
        keep -= 1
        short = f"{words[: keep // 2]}...{words[len(words) - keep // 2 :]}"
    return short
