"""The gates at work: what a model and a person chose, what a calibration says, and the frame before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge_runtime.records import Field, Frame

from .chosen import Gates
from .focus import Focus, measure_focus
from .looking import UNCALIBRATED, Instrument, Looked, look
from .motion import Motion, MotionWatch
from .reasons import MOVING, SHIFT


class Gatekeeper:
    """Looks at the tiles of one instrument; its frames are looked at in their order."""

    def __init__(self, gates: Gates, instrument: Instrument = UNCALIBRATED) -> None:
        """Take the gates, and what a calibration says."""
        self.gates = gates
        self.instrument = instrument
        self._watch = None if gates.motion is None else MotionWatch(gates.motion)

    def look(self, tiles: NDArray[np.uint8], is_view: bool = False, focus: Focus | None = None) -> Looked:
        """Look at uint8 tiles (n, h, w, 3), RGB, at the model's scale: each by itself, or as those of one picture."""
        return look(tiles, self.gates, self.instrument, is_view, focus)

    def look_at(self, frame: Frame, field: Field, tiles: NDArray[np.uint8]) -> Looked:
        """Look at the tiles of a frame, which were cut from its field, and at the camera's own pixels beside them."""
        sharp = None
        if self.gates.focus is not None:
            sharp = measure_focus(frame.pixels, frame.um_per_px, field.shape, self.gates.focus)
        motion = self._motion(frame, field)
        if motion is not None and motion.reason is not None and not self._stands(sharp):
            found = Looked(tiles)
            found.refuse(found.free.copy(), MOVING, SHIFT, motion.per_interval_um)
            return found
        return look(tiles, self.gates, self.instrument, True, sharp, field.has_data)

    def saw(self, frame: Frame, field: Field) -> None:
        """Take note of a frame that is not judged, since its view is known: the next one is held against it."""
        self._motion(frame, field)

    def _stands(self, focus: Focus | None) -> bool:
        """Whether a frame is sharp along both axes: then it was taken in a short enough time, whatever moved."""
        if focus is None or self.gates.motion is None or self.gates.focus is None:
            return False
        seen = focus.sharpness[focus.contrast >= self.gates.focus.min_contrast]
        sharp = len(seen) > 0 and float(np.median(seen)) >= self.gates.motion.sharp
        return sharp and focus.anisotropy <= self.gates.motion.even

    def _motion(self, frame: Frame, field: Field) -> Motion | None:
        if self._watch is None:
            return None
        um_per_px = frame.um_per_px * frame.pixels.shape[1] / field.pixels.shape[1]
        return self._watch.look(frame, field.pixels, um_per_px)
