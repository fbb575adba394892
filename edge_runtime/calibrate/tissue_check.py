"""Is the scale about right? Fat cells and nuclei have sizes that vary by less than a wrong objective does.

It warns where they are clearly off, and often cannot tell; it never moves a scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .tissue_size import fat_cells, nuclei

AGREES, OFF, CANNOT_TELL = "agrees", "off", "cannot_tell"
"""Verdicts."""


@dataclass(frozen=True)
class Yardstick:
    """What is known of the size of a kind of cell, as `tissue_size` measures it."""

    name: str
    """In words."""
    usual_um: float
    """Median over fields of the training and validation slides, enlarged to a camera's scale."""
    within: float
    """A field's median lies within this factor of it, both ways, where the scale is right."""
    beyond: float
    """Outside this factor, the scale is off; between the two nothing is said."""


FAT = Yardstick("fat cells", 30.0, 1.6, 3.0)
NUCLEI = Yardstick("nuclei", 9.0, 1.8, 2.4)


@dataclass(frozen=True)
class TissueCheck:
    """What the tissue says of a scale."""

    verdict: str
    """agrees, off, cannot_tell."""
    factor: float | None
    """By how much the scale seems too large (above 1) or too small; None: cannot tell."""
    message: str
    """In words; for `off`: what was expected, what was found, what to do."""

    @property
    def is_off(self) -> bool:
        """Whether the scale is clearly wrong."""
        return self.verdict == OFF


def check_tissue(pictures: Sequence[NDArray[np.uint8]], um_per_px: float) -> TissueCheck:
    """Hold the cells of some pictures, uint8 (h, w, 3), RGB, against their usual size at a scale."""
    said: list[tuple[str, float, str]] = []
    for yardstick, measure in ((FAT, fat_cells), (NUCLEI, nuclei)):
        found = [sizes for picture in pictures if (sizes := measure(picture)) is not None]
        if not found:
            continue
        size_um = float(np.median([sizes.diameter_px for sizes in found])) * um_per_px
        factor = size_um / yardstick.usual_um
        words = f"{yardstick.name} of {size_um:.3g} µm, usually {yardstick.usual_um:g}"
        said.append((_verdict(factor, yardstick), factor, words))
    verdicts = {verdict for verdict, _, _ in said}
    both = ", ".join(words for _, _, words in said)
    if verdicts == {OFF} and len({factor > 1 for _, factor, _ in said}) == 1:
        factor = float(np.exp(np.mean([np.log(factor) for _, factor, _ in said])))
        return TissueCheck(
            OFF,
            factor,
            f"expected tissue at {um_per_px:g} µm per px, found {both}: the scale seems {_times(factor)}; check the "
            "objective in use and the scale, or measure it with --micrometer",
        )
    if AGREES in verdicts and OFF not in verdicts:
        factor = next(factor for verdict, factor, _ in said if verdict == AGREES)
        return TissueCheck(AGREES, factor, f"the tissue agrees with {um_per_px:g} µm per px: {both}")
    return TissueCheck(
        CANNOT_TELL, None, f"the tissue does not tell the scale: {both or 'too few fat cells and nuclei seen'}"
    )


def _verdict(factor: float, yardstick: Yardstick) -> str:
    away = max(factor, 1 / factor)
    return AGREES if away <= yardstick.within else OFF if away > yardstick.beyond else CANNOT_TELL


def _times(factor: float) -> str:
    return f"{factor:.1f} times too large" if factor > 1 else f"{1 / factor:.1f} times too small"
