"""Scale from a stage micrometer's picture: its lines are found, and the period of all of them is measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .ambiguity import MEND, check_unambiguous
from .graduation import LEAST_LINES, Graduation, graduations
from .rulings import contrast_of, direction_of, find_rulings

MOST_UNCERTAIN = 0.02
"""A scale that is less certain than this share is refused."""
_REDUCTIONS = (1, 2, 4, 8, 16)
"""Wide lines are found in a smaller picture."""
_ONE_PERIOD = 0.03
"""Two periods are one when they differ by less than this share."""
_MOST_MOVED = 4.0
"""Mean difference of two frames of one view, grey levels, each reduced to 192x144 px."""


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
        raise BadInput(f"expected the lines of a stage micrometer, found {_in_words(found)}; {MEND}")
    finest = min(each.period_px for each in sound)
    of_it = [each for each in sound if each.period_px < finest * (1 + _ONE_PERIOD)]
    graduation = min(of_it, key=lambda each: each.error_px)
    longer_every = check_unambiguous(graduation, contrast, pitch_um)
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
