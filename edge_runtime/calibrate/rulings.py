"""Find the straight, parallel lines in a picture: where each lies, to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

MIN_CONTRAST = 0.04
"""A line is darker (or brighter) than its surroundings by this share of them, at least."""
_LEAST_STRIPS = 3
"""A line goes through so many strips of the picture; a speck does not."""
_ROWS_A_STRIP = 200
"""Strips a picture is cut into, about: short enough that a line's tilt within one does not matter."""
_MOST_TILT = 0.02
"""By how much a line may lean against the others, px a px (1.1 degrees)."""


@dataclass(frozen=True)
class Rulings:
    """Lines of one direction, in the picture turned until they stand upright; all in px of the picture given."""

    angle: float
    """By how many degrees the picture was turned, counter-clockwise."""
    x: NDArray[np.float64]
    """float64 (n,): where each line crosses y = 0 of the turned picture (its middle row)."""
    slope: NDArray[np.float64]
    """float64 (n,): how x grows with y."""
    top: NDArray[np.float64]
    """float64 (n,): upper end, y of the turned picture, from its middle."""
    bottom: NDArray[np.float64]
    """float64 (n,): lower end."""
    strip_px: float
    """How well the ends are known."""

    def at(self, y: float) -> NDArray[np.float64]:
        """Return float64 (n,): x of each line at a height of the turned picture."""
        return np.asarray(self.x + self.slope * y)

    def keep(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> Rulings:
        """Return some of the lines: those that are marked, or those of some numbers, in that order."""
        x, slope, top, bottom = (part[which] for part in (self.x, self.slope, self.top, self.bottom))
        return Rulings(self.angle, x, slope, top, bottom, self.strip_px)

    def in_picture(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return float64 (n, 2): x and y, from the middle of the picture, of places in the turned one."""
        turn = np.radians(self.angle)
        return np.stack([x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], 1)


def contrast_of(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return float32 (h, w): by which share each pixel is darker than its surroundings; uneven light is gone."""
    reach = max(15, min(grey.shape) // 3)
    around = cv2.blur(grey, (reach, reach), borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(1 - grey / np.maximum(around, 1), np.float32)


def direction_of(contrast: NDArray[np.float32]) -> float:
    """Return by how many degrees to turn a picture so that its lines stand upright, -90..90.

    The direction in which most edges run, each edge weighted by its steepness up to that of a line.
    """
    smooth = cv2.GaussianBlur(contrast, (0, 0), 1.2)
    dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    steepness, angle = cv2.cartToPolar(dx, dy, angleInDegrees=True)
    weight = np.minimum(steepness, 4 * MIN_CONTRAST)
    weight[weight < np.percentile(weight[::4, ::4], 80)] = 0  # most of a picture is noise
    counts = np.bincount((angle.ravel() * 2).astype(np.intp) % 360, weight.ravel(), 360)  # half degrees, 180 around
    around = np.concatenate([counts[-6:], counts, counts[:6]])
    peak = int(np.argmax(np.convolve(around, np.ones(5), "same")[6:-6]))
    near = np.arange(-5, 6)
    floor = np.median(counts)
    share = np.maximum(counts[(peak + near) % 360] - floor, 0)
    centre = (peak + 0.5 + float((near * share).sum() / max(share.sum(), 1e-9))) / 2
    return float((centre + 90) % 180 - 90)


def find_rulings(contrast: NDArray[np.float32], angle: float, reduction: int = 1) -> Rulings:
    """Return the dark lines that stand upright once the picture (contrast, float32 (h, w)) is turned by `angle`.

    `reduction` looks at a picture smaller by that factor: lines many px wide are found there.
    """
    height, width = contrast.shape
    small = cv2.resize(contrast, (width // reduction, height // reduction), interpolation=cv2.INTER_AREA)
    upright = _turned(np.asarray(small, np.float32), angle)
    rows = max(2, round(upright.shape[0] / _ROWS_A_STRIP))
    strips = cv2.resize(upright, (upright.shape[1], max(1, upright.shape[0] // rows)), interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(strips, (0, 0), sigmaX=1.0, sigmaY=0.01)
    return _linked(np.asarray(smooth, np.float32), angle, rows, reduction)


def _turned(picture: NDArray[np.float32], angle: float) -> NDArray[np.float32]:
    """Return a picture turned about its middle, on a canvas that holds all of it; 0 beyond its edges."""
    height, width = picture.shape
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    new_width = int(np.ceil(width * abs(cos) + height * abs(sin)))
    new_height = int(np.ceil(width * abs(sin) + height * abs(cos)))
    matrix = np.asarray([[cos, sin, 0.0], [-sin, cos, 0.0]])
    matrix[:, 2] = np.asarray([new_width - 1, new_height - 1]) / 2
    matrix[:, 2] -= matrix[:, :2] @ (np.asarray([width - 1, height - 1]) / 2)
    turned = cv2.warpAffine(picture, matrix, (new_width, new_height), flags=cv2.INTER_LINEAR)
    return np.asarray(turned, np.float32)


def _linked(strips: NDArray[np.float32], angle: float, rows: int, reduction: int) -> Rulings:
    """Return the lines that are peaks of contrast in one strip (row) after the other."""
    middle, left, right = strips[:, 1:-1], strips[:, :-2], strips[:, 2:]
    peaks = np.zeros(strips.shape, np.uint8)
    peaks[:, 1:-1] = (middle > left) & (middle >= right) & (middle > MIN_CONTRAST)
    _, labels = cv2.connectedComponents(cv2.dilate(peaks, np.ones((1, 3), np.uint8)), connectivity=8)
    strip, column = np.nonzero(peaks)
    label = np.asarray(labels[strip, column], np.intp)
    y = ((strip + 0.5) * rows - 0.5 - (strips.shape[0] * rows - 1) / 2) * reduction
    x = (column + _summit(strips, strip, column) - (strips.shape[1] - 1) / 2) * reduction
    return _straight(label, x, y, angle, float(rows * reduction))


def _summit(strips: NDArray[np.float32], row: NDArray[np.intp], column: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return where a parabola through each peak and its two neighbours has its summit, px from the peak."""
    low, peak, high = (strips[row, column + step].astype(np.float64) for step in (-1, 0, 1))
    return np.asarray((low - high) / (2 * np.minimum(low + high - 2 * peak, -1e-9)))


def _straight(
    label: NDArray[np.intp], x: NDArray[np.float64], y: NDArray[np.float64], angle: float, strip_px: float
) -> Rulings:
    """Return the lines through the peaks of each label, by least squares; short and leaning ones are left out."""
    number = int(label.max(initial=0)) + 1
    count, sum_x, sum_y, sum_yy, sum_xy = (np.bincount(label, weight, number) for weight in (None, x, y, y * y, x * y))
    top, bottom = np.full(number, np.inf), np.full(number, -np.inf)
    np.minimum.at(top, label, y)
    np.maximum.at(bottom, label, y)
    long = count >= _LEAST_STRIPS
    count, sum_x, sum_y, sum_yy, sum_xy = (part[long] for part in (count, sum_x, sum_y, sum_yy, sum_xy))
    slope = (sum_xy - sum_x * sum_y / count) / np.maximum(sum_yy - sum_y**2 / count, 1e-9)
    at_zero = (sum_x - slope * sum_y) / count
    found = Rulings(angle, at_zero, slope, top[long] - strip_px / 2, bottom[long] + strip_px / 2, strip_px)
    return found.keep(np.abs(slope - np.median(slope)) < _MOST_TILT) if len(slope) else found
