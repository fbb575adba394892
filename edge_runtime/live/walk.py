"""The guided calibration: the steps of `cancernet calibrate`, one at a time, as a page asks for them."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from edge_runtime.calibrate.so_far import About
from edge_runtime.calibration import Calibration
from edge_runtime.errors import BadInput, CancerNetError
from edge_runtime.scale import check_um_per_px

from .instrument import (
    BUSY,
    DONE,
    REFUSED,
    SCALE_MICROMETER,
    SCALE_STATED,
    STEPS,
    TISSUE,
    TO_DO,
    NotNow,
    StepState,
    WalkState,
)
from .walk_steps import Steps

log = logging.getLogger(__name__)

MOST_PITCH_UM = 1000.0
"""From line to line; no stage micrometer exceeds it."""
_SCALES = (SCALE_MICROMETER, SCALE_STATED)


class Walk:
    """A calibration in the making. Asked by the page's threads, carried out by the thread that has the camera."""

    def __init__(self, source: str, called: str | None, about: About, now: Callable[[], datetime]) -> None:
        """Begin with nothing. `called` says which camera pictures are of."""
        self._objective, self._measure = about.objective, Steps(source, called, about, now)
        self._steps = {name: StepState(name, TO_DO) for name in STEPS}
        self.calibration: Calibration | None = None
        """What is known so far; None before there is a scale."""

    @property
    def is_busy(self) -> bool:
        """Whether a step is under way."""
        return any(step.status == BUSY for step in self._steps.values())

    def state(self) -> WalkState:
        """Return it as the page shows it."""
        steps = tuple(self._steps[name] for name in STEPS)
        return WalkState(self._objective, steps, self.calibration is not None and not self.is_busy)

    def begin(self, name: str, um: float | None) -> None:
        """Note that a step is about to be carried out; raises BadInput, NotNow where it cannot be."""
        if name not in STEPS:
            raise BadInput(f"expected a step ({', '.join(STEPS)}), found {name!r}")
        if self.is_busy:
            raise NotNow("expected one step at a time, found one under way; wait for its end")
        if name not in _SCALES and self.calibration is None:
            raise NotNow("expected the scale first, found none; take the micrometer, or state the scale")
        if name == SCALE_STATED:
            check_um_per_px(um)
        elif um is not None and not (math.isfinite(um) and 0 < um <= MOST_PITCH_UM):
            raise BadInput(f"expected a distance of lines above 0 and up to {MOST_PITCH_UM:g} µm, found {um!r}")
        self._steps[name] = StepState(name, BUSY)

    def carry_out(self, name: str, um: float | None) -> None:
        """Look through the camera, which nobody else has open, and keep what is found; a refusal is kept, too."""
        try:
            found = self._measure.found(name, um, self.calibration)
        except (CancerNetError, OSError) as error:
            log.warning("calibration, %s: %s", name, error)
            self._steps[name] = StepState(name, REFUSED, str(error))
            return
        except Exception as error:  # a mistake of ours must not end the instrument
            log.exception("calibration, %s", name)
            self._steps[name] = StepState(name, REFUSED, f"it failed in a way that nobody foresaw ({error}); try again")
            return
        self.calibration = found.calibration
        for other in _SCALES:
            if name in _SCALES and other != name:
                self._steps[other] = StepState(other, TO_DO)  # there is one scale
        if found.calibration.focus is None:
            self._steps[TISSUE] = StepState(TISSUE, TO_DO)  # what was measured in µm went with the scale before
        self._steps[name] = replace(StepState(name, DONE), message=found.message, warnings=found.warnings,
                                    figures=dict(found.figures))  # fmt: skip
