"""Scale from a stage micrometer's picture: its lines are found, and the period of all of them is measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .graduation import LEAST_LINES, Graduation, graduations
from .rulings import contrast_of, direction_of, find_rulings

PITCHES_UM = (10.0, 50.0, 100.0)
"""From line to line of common stage micrometers; any other may be given."""
LEAST_PERIOD_PX = 4.0
"""Closer lines cannot be told apart for certain."""
MOST_UNCERTAIN = 0.02
"""A scale that is less certain than this share is refused."""
_REDUCTIONS = (1, 2, 4, 8, 16)
"""Wide lines are found in a smaller picture."""
_ONE_PERIOD = 0.03
"""Two periods are one when they differ by less than this share."""
_DIP_SHARE = 0.08
"""A dip between two lines counts when it has this share of a line's contrast."""

_PATTERN_SHARE = 0.6
"""Share of the steps between longer lines that are the same where they follow a pattern."""
_SURE_LENGTH = 2.0
"""In periods: what shows of longer lines beyond the shortest is less, where the view cuts them off."""
_MOST_MOVED = 4.0
"""Mean difference of two frames of one view, grey levels, each reduced to 192x144 px."""

_MEND = (
    "show the lines sharp and whole in the middle of the view, clean the micrometer, and give the distance of its "
    "finest lines with --micrometer-um"
)


@dataclass(frozen=True)
class MicrometerScale:
    """A scale that was measured on a stage micrometer."""

    um_per_px: float
    """µm a pixel covers: the mean over the graduation."""
    uncertainty: float
    """Standard error of it, µm per px: scatter of the lines, and half of what the scale varies over the picture."""
    pitch_um: float
    """From line to line, as a person said."""
    graduation: Graduation
    """The lines it rests on."""
    longer_every: int | None
    """Every how many lines there is a longer one (10 or 5 on most micrometers); None: they are of one length."""

    @property
    def lines(self) -> int:
        """How many lines it rests on."""
        return len(self.graduation.numbers)


def measure_micrometer(grey: NDArray[np.float32], pitch_um: float) -> MicrometerScale:
    """Return the scale of a picture, float32 (h, w), 0..255, that shows a micrometer with lines `pitch_um` apart.

    Raises BadInput where no graduation is seen, or where its period could be another.
    """
    if not 0.5 <= pitch_um <= 10_000:
        raise BadInput(f"expected a micrometer's pitch of 0.5 to 10,000 µm, found {pitch_um:g}; most have 10")
    contrast = contrast_of(grey)
    if (contrast.astype(np.float64) ** 3).mean() < 0:  # bright lines on a dark ground
        contrast = -contrast
    found = _candidates(contrast)
    sound = [each for each in found if each.is_sound]
    if not sound:
        raise BadInput(f"expected the lines of a stage micrometer, found {_in_words(found)}; {_MEND}")
    finest = min(each.period_px for each in sound)
    of_it = [each for each in sound if each.period_px < finest * (1 + _ONE_PERIOD)]
    graduation = min(of_it, key=lambda each: each.error_px)
    longer_every = _check_unambiguous(graduation, contrast, pitch_um)
    return _scale(graduation, pitch_um, longer_every)


def mean_green(pictures: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """Return the mean of some pictures, uint8 (h, w, 3), RGB, of one view, float32 (h, w), green: most of the pixels.

    Raises BadInput where the view moved between them.
    """
    total: NDArray[np.float32] | None = None
    first = np.zeros(0, np.float32)
    count = 0
    for picture in pictures:
        green = cv2.extractChannel(picture, 1)
        small = np.asarray(cv2.resize(green, (192, 144), interpolation=cv2.INTER_AREA), np.float32)
        if total is None:
            total, first = np.zeros(green.shape, np.float32), small
        moved = float(np.abs(small - first - (small - first).mean()).mean())
        if moved > _MOST_MOVED:
            raise BadInput(
                f"expected a view that stands still, found frames that differ by {moved:.1f} grey levels; leave "
                "the stage alone, and wait until it has settled"
            )
        cv2.accumulate(green, total)
        count += 1
    if total is None:
        raise BadInput("expected frames of a stage micrometer, found none; check the source")
    return np.asarray(total / np.float32(count), np.float32)


def _candidates(contrast: NDArray[np.float32]) -> list[Graduation]:
    """Return the graduations seen at any size of line."""
    angle = direction_of(contrast)
    found = []
    for reduction in _REDUCTIONS:
        if min(contrast.shape) // reduction < 60:
            break
        rulings = find_rulings(contrast, angle, reduction)
        if len(rulings.slope) >= LEAST_LINES:
            lean = float(np.degrees(np.arctan(np.median(rulings.slope))))
            if abs(lean) > 0.05:  # the direction of edges is good to a degree, that of whole lines to far less
                rulings = find_rulings(contrast, angle - lean, reduction)
        found += graduations(rulings)
    return found


def _scale(graduation: Graduation, pitch_um: float, longer_every: int | None) -> MicrometerScale:
    period = graduation.period_px
    um_per_px = pitch_um / period
    share = float(np.hypot(graduation.error_px / period, graduation.unevenness))
    if share > MOST_UNCERTAIN:
        raise BadInput(
            f"expected lines that tell the scale to {MOST_UNCERTAIN:.0%}, found {um_per_px:.4g} µm per px ± "
            f"{share:.1%} "
            f"from {len(graduation.numbers)} lines; focus better, show more lines, or look through the lens's middle"
        )
    return MicrometerScale(um_per_px, share * um_per_px, pitch_um, graduation, longer_every)


def _check_unambiguous(graduation: Graduation, contrast: NDArray[np.float32], pitch_um: float) -> int | None:
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
            f"{pitch_um:g} µm could be either; {_MEND}"
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
            f"could be the distance of those; {_MEND}"
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


def _in_words(found: Sequence[Graduation]) -> str:
    if not found:
        return f"fewer than {LEAST_LINES} parallel lines"
    best = max(found, key=lambda each: len(each.numbers))
    if len(best.numbers) < LEAST_LINES:
        return f"only {len(best.numbers)} lines at one distance"
    return (
        f"{len(best.numbers)} parallel lines that keep no one distance ({best.on_grid:.0%} of the lines seen fit, "
        f"{best.filled:.0%} of the places are filled, scatter {best.scatter_px / best.period_px:.0%} of a period)"
    )
