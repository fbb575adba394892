"""Could the lines found be others than the micrometer's finest? Then the scale would be wrong by a whole factor."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .graduation import LEAST_LINES, Graduation

LEAST_PERIOD_PX = 4.0
"""Closer lines cannot be told apart for certain."""
_DIP_SHARE = 0.08
"""A dip between two lines counts when it has this share of a line's contrast."""
_PATTERN_SHARE = 0.6
"""Share of the steps between longer lines that are the same where they follow a pattern."""
_SURE_LENGTH = 2.0
"""In periods: what shows of longer lines beyond the shortest is less, where the view cuts them off."""

MEND = (
    "show the lines sharp and whole in the middle of the view, clean the micrometer, and give the distance of its "
    "finest lines with --micrometer-um"
)
"""What to do where a micrometer cannot be read."""


def check_unambiguous(graduation: Graduation, contrast: NDArray[np.float32], pitch_um: float) -> int | None:
    """Raise BadInput where finer lines may lie between those found; return every how many there is a longer one."""
    if graduation.period_px < LEAST_PERIOD_PX:
        raise BadInput(
            f"expected lines at least {LEAST_PERIOD_PX:g} px apart, found {graduation.period_px:.2f}; use a stronger "
            "objective, or a coarser micrometer"
        )
    dips = _dips(graduation, contrast)
    if dips != 1:
        raise BadInput(
            f"expected one line every {graduation.period_px:.1f} px, found weaker ones between them ({dips} a period): "
            f"{pitch_um:g} µm could be either; {MEND}"
        )
    shape = contrast.shape
    every = _longer_every(graduation, shape)
    ends = graduation.rulings.top, graduation.rulings.bottom
    cut = sorted(float(_leaves(graduation, shape, end).mean()) for end in ends)
    length = float(np.median(graduation.rulings.bottom - graduation.rulings.top))
    if every == 2 or (every is None and cut[0] < 0.5 < cut[1] and length < _SURE_LENGTH * graduation.period_px):
        seen = "every second line longer" if every == 2 else "one end of the lines outside the view"
        raise BadInput(
            f"expected the finest lines in view, found {seen}: shorter lines may lie outside, and {pitch_um:g} µm "
            f"could be the distance of those; {MEND}"
        )
    return every


def _dips(graduation: Graduation, contrast: NDArray[np.float32]) -> int:
    """Return how many dark places a period has, over all periods laid on each other, at the height measured at.

    Lines too faint to be found one by one stand out there.
    """
    rulings = graduation.rulings
    x = rulings.at(graduation.height)
    order = np.argsort(graduation.numbers)
    steps = max(16, min(400, 2 * int(graduation.period_px)))
    whole = np.arange(graduation.numbers.min() * steps, graduation.numbers.max() * steps + 1) / steps
    along = np.interp(whole, graduation.numbers[order], x[order])
    reach = float(np.median(rulings.bottom - rulings.top)) / 4
    heights = graduation.height + np.linspace(-reach, reach, 32)
    lean = float(np.median(rulings.slope))
    rows = [rulings.in_picture(along + lean * (y - graduation.height), np.full(len(along), y)) for y in heights]
    places = np.stack(rows)
    profile = _sampled(contrast, places).mean(0)[:-1].reshape(-1, steps)
    folded = np.median(profile, 0)
    folded = folded - folded.min()
    narrow = _narrow(np.convolve(np.tile(folded, 3), np.full(5, 0.2), "same"), int((folded > folded.max() / 2).sum()))
    dark = narrow[steps : 2 * steps] > _DIP_SHARE * folded.max()
    return max(1, int((dark & ~np.roll(dark, 1)).sum()))


def _narrow(profile: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return a profile without what is over twice as wide as a line of `width` (a white top-hat)."""
    reach = 2 * width + 1
    window = np.lib.stride_tricks.sliding_window_view
    edge = np.pad(profile, reach - 1, mode="edge")
    return np.asarray(profile - window(window(edge, reach).min(1), reach).max(1))


def _sampled(picture: NDArray[np.float32], places: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the values, float32 (r, n), at places (r, n, 2): x and y from the picture's middle; bilinear."""
    middle = (np.asarray(picture.shape[::-1]) - 1) / 2
    at = (places + middle).astype(np.float32)
    rows = [cv2.remap(picture, part[None, :, 0], part[None, :, 1], cv2.INTER_LINEAR)[0] for part in at]
    return np.asarray(rows, np.float32)


def _longer_every(graduation: Graduation, shape: tuple[int, ...]) -> int | None:
    """Return every how many lines there is a longer one; None where no such step recurs.

    Only lines that end within the picture (h, w) count.
    """
    whole = ~(
        _leaves(graduation, shape, graduation.rulings.top) | _leaves(graduation, shape, graduation.rulings.bottom)
    )
    length = (graduation.rulings.bottom - graduation.rulings.top)[whole]
    if len(length) < LEAST_LINES:
        return None
    longer = graduation.numbers[whole][length > 1.25 * np.quantile(length, 0.25)]
    steps = np.diff(np.sort(longer))
    if len(steps) < 2:
        return None
    step = int(np.bincount(steps).argmax())
    return step if step > 1 and (steps == step).mean() >= _PATTERN_SHARE else None


def _leaves(graduation: Graduation, shape: tuple[int, ...], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return bool (n,): which lines run out of the picture (h, w) at a height y (n,) of the turned one."""
    rulings = graduation.rulings
    places = rulings.in_picture(rulings.x + rulings.slope * y, y)
    to_edge = np.asarray([shape[1], shape[0]]) / 2 - np.abs(places)
    return np.asarray(to_edge.min(1) < 2 * rulings.strip_px)
