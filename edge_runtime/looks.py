"""Looks at one field: a view that did not change is another look at it, and the looks are averaged.

A sensor's noise differs from frame to frame and moves the logits of tiles that lie near a threshold; their mean over n
looks moves less. After some looks there is nothing more to be learned: the field's result then stands, and is repeated
without gates and network, until the stage moves.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

from .evidence import Evidence
from .records import Field, Frame
from .results import FrameResult

MOST = 8
"""Looks that are averaged: they leave a third of what noise moves (1 / sqrt 8)."""
BLOCK_PX = 25
"""Side of the blocks that are compared, px at the model's scale: a quarter of a tile."""
SAME_VIEW = 2.5
"""A view is the same while no block differs by more grey levels, on average over its pixels.

Noise of 10 grey levels a pixel at 0.8 µm per px makes 2.3 of it, at 0.4 µm per px 1.2; a stage that moved by 1 µm over
tissue makes 2.8 and more, by 2 µm 5.7 and more (fields of training slides, enlarged and reduced again).
"""


class Looks:
    """What was seen of the field under the objective. A stage that moves, or a light that changes, begins anew."""

    def __init__(self, most: int = MOST) -> None:
        """Take how many looks are averaged before a result stands, at least 1."""
        self._most = most
        self._seen: NDArray[np.uint8] | None = None
        self._place: tuple[object, ...] = ()
        self._sums, self._judged = np.zeros((2, 0), np.float32)
        self._result: FrameResult | None = None
        self.count = 0
        """Looks at the present field so far."""

    def at(self, frame: Frame, field: Field) -> FrameResult | None:
        """Look at a view: return the result that stands for it, or None where it is to be judged."""
        place = (frame.origin_xy, frame.um_per_px, frame.pixels.shape, frame.has_data is None)
        change = self._change(field.pixels) if place == self._place else None
        if change is None or change > SAME_VIEW:
            self._seen, self._place, self._result = field.pixels, place, None
            self._begin(0)
        elif self.count >= self._most or (change == 0 and not self.nothing_judged):
            return self._result  # a picture that is the same to the bit has no other noise, and says nothing new
        return None

    def add(self, evidence: Evidence) -> Evidence:
        """Add a look's evidence; return it with each logit as the mean over the looks in which its tile was judged.

        Looks that judged nothing, since the stage was still moving, do not count once one did.
        """
        judged = evidence.judged
        if self.nothing_judged and (self.count == 0 or judged.any()):
            self._begin(len(judged))
        self.count += 1
        self._sums[judged] += evidence.logits[judged]
        self._judged += judged
        means = self._sums / np.maximum(self._judged, 1)
        return dataclasses.replace(evidence, logits=np.where(judged, means, np.float32(np.nan)))

    @property
    def nothing_judged(self) -> bool:
        """Whether the looks at the present field so far, if there were any, judged none of its tiles."""
        return not self._judged.any()

    def _begin(self, tiles: int) -> None:
        self.count = 0
        self._sums, self._judged = np.zeros((2, tiles), np.float32)

    def keep(self, result: FrameResult) -> None:
        """Remember what is said of the field by the looks so far."""
        self._result = result

    def _change(self, pixels: NDArray[np.uint8]) -> float | None:
        """Return the largest mean difference of a block to the first look, grey levels; None where sizes differ."""
        if self._seen is None or self._seen.shape != pixels.shape:
            return None
        difference = cv2.absdiff(pixels, self._seen)
        if not difference.any():
            return 0.0
        height, width = pixels.shape[:2]
        blocks = max(1, width // BLOCK_PX), max(1, height // BLOCK_PX)
        means = cv2.resize(difference, blocks, interpolation=cv2.INTER_AREA)
        return max(float(means.mean(2).max()), np.nextafter(0.0, 1.0))
