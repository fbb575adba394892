"""The gates at work: what a model and a person chose, what a calibration says, and the frame before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge_runtime.calibrate.dirt import DirtMap
from edge_runtime.records import Field, Frame

from .chosen import Gates
from .focus import Focus, measure_focus
from .looked import UNCALIBRATED, Instrument, Looked
from .looking import look
from .motion import Motion, MotionWatch
from .reasons import DIRT, MOVING, PEN_OR_DIRT, SHIFT


@dataclass(frozen=True)
class Measured:
    """What a frame's tiles do not tell."""

    focus: Focus | None = None
    """By the camera's own pixels; None: the gate is off, or the camera too coarse for it."""
    motion: Motion | None = None
    """By the frame before; None: there was none to compare."""


class Gatekeeper:
    """Looks at the tiles of one instrument; its frames are looked at in their order."""

    def __init__(self, gates: Gates, instrument: Instrument = UNCALIBRATED, dirt: DirtMap | None = None) -> None:
        """Take the gates, what a calibration says, and where its blank field showed dirt; None: nowhere."""
        self.gates = gates
        self.instrument = instrument
        self._dirt = dirt if dirt is not None and dirt.specks else None
        self._under_dirt: tuple[tuple[int, ...], NDArray[np.float64]] | None = None
        self.measured = Measured()
        """Of the frame that was looked at last."""
        self._watch = None if gates.motion is None else MotionWatch(gates.motion)

    def look(self, tiles: NDArray[np.uint8], is_view: bool = False, focus: Focus | None = None) -> Looked:
        """Look at uint8 tiles (n, h, w, 3), RGB, at the model's scale: each by itself, or as those of one picture."""
        return look(tiles, self.gates, self.instrument, is_view, focus)

    def look_at(self, frame: Frame, field: Field, tiles: NDArray[np.uint8]) -> Looked:
        """Look at the tiles of a frame, which were cut from its field, and at the camera's own pixels beside them."""
        self.measured = self.measure(frame, field)
        sharp, motion = self.measured.focus, self.measured.motion
        if motion is not None and motion.reason is not None and not self._stands(sharp):
            found = Looked(tiles)
            found.refuse(found.free.copy(), MOVING, SHIFT, motion.per_interval_um)
            return found
        found = look(tiles, self.gates, self.instrument, True, sharp, field.has_data)
        if self._dirt is not None and self.gates.pen is not None:
            shares = self._dirt_shares(self._dirt, field)
            found.refuse(shares > self.gates.pen.max_dirt_share, PEN_OR_DIRT, DIRT, shares)
        return found

    def measure(self, frame: Frame, field: Field) -> Measured:
        """Return what only the camera's own pixels and the frame before tell; a replay has it from then."""
        sharp = None
        if self.gates.focus is not None:
            sharp = measure_focus(frame.pixels, frame.um_per_px, field.shape, self.gates.focus)
        return Measured(sharp, self._motion(frame, field))

    def _dirt_shares(self, dirt: DirtMap, field: Field) -> NDArray[np.float64]:
        """Return the share of each tile that lies under dirt, float64 (n,); it is the same in each frame."""
        size = field.pixels.shape[0], field.pixels.shape[1]
        if self._under_dirt is None or self._under_dirt[0] != size:
            shares = dirt.share_of(field.tops, field.lefts, field.tile_px, size)
            self._under_dirt = size, shares.ravel()
        return self._under_dirt[1]

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
