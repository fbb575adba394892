"""What the gates have seen of a view's tiles so far, and what a calibration says of the instrument."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edge_runtime.sample import Sample

Numbers = NDArray[np.floating]


@dataclass(frozen=True)
class Instrument:
    """What a calibration says; None: not calibrated, the contract's own numbers hold."""

    glass_level: float | None = None
    """Grey level of bare glass in what the gates see, brightest channel: after a flat field, what that brings it to."""
    clipped_level: float | None = None
    """From which grey level on a channel is clipped in what the gates see, where a flat field moves it."""
    sharpness: float | None = None
    """Sharpness of tissue in focus: the median over tiles of `gates.measure_focus`."""


UNCALIBRATED = Instrument()
"""Nothing is known of the instrument."""


class Looked:
    """What was seen of n tiles: a reason each, or None, and the number that led to it."""

    def __init__(self, tiles: NDArray[np.uint8]) -> None:
        """Begin with no reason for uint8 tiles (n, h, w, 3), RGB."""
        self.reasons = np.empty(len(tiles), object)  # of None
        """object (n,): a reason code, or None."""
        self.measures = np.empty(len(tiles), object)
        """object (n,): the name of the measure that the reason goes by, or None."""
        self.values = np.full(len(tiles), np.nan)
        """float64 (n,): what was measured; NaN where no reason stands, or none goes by a number."""
        self.free = np.ones(len(tiles), bool)
        """bool (n,): which tiles have no reason."""
        self.has_data = np.ones(len(tiles), bool)
        """bool (n,): which tiles lie over no hole."""
        self._tiles = tiles

    @cached_property
    def sample(self) -> Sample:
        """The tiles, at least one, as the gates look at them."""
        return Sample(self._tiles)

    def refuse(self, which: NDArray[np.bool_], reason: str, measure: str | None, values: Numbers | float) -> None:
        """Give a reason to those of the tiles, bool (n,), that have none yet."""
        fresh = which & self.free
        if np.count_nonzero(fresh):  # a third of the time of any()
            self.reasons[fresh], self.measures[fresh] = reason, measure
            self.values[fresh] = values[fresh] if isinstance(values, np.ndarray) else values
            self.free &= ~fresh
