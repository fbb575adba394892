"""The stain of the slide under the objective, frame by frame: the more was seen of it, the further it is balanced."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .contract import StainNormalization
from .gates import Looked
from .normalization import StainEvidence


class SlideStain:
    """Gathers what frames show of one slide's stain."""

    def __init__(self, towards: StainNormalization | None) -> None:
        """Take what the contract says; None: its model takes slides as they are stained."""
        self._towards = towards
        self._evidence = None if towards is None else StainEvidence(towards.min_density)

    def gains(self, looked: Looked, is_new: bool) -> NDArray[np.float64] | None:
        """Return the gains of R, G, B, float64 (3,), that all frames so far give, this one included; None: none.

        `is_new` False: another look at a field that was judged, which shows no more of the slide.
        """
        if self._towards is None or self._evidence is None:
            return None
        if is_new and looked.free.any():
            self._evidence.add_sample(looked.sample, looked.free)
        return self._evidence.gains(self._towards, self._towards.session_prior_tiles)
