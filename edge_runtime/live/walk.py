"""The guided calibration: the steps of `cancernet calibrate`, one at a time, as a page asks for them."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from edge_runtime.calibrate.field_steps import blank_field, focus_baseline
from edge_runtime.calibrate.scale_steps import scale_as_stated, scale_of_micrometer
from edge_runtime.calibrate.so_far import About
from edge_runtime.calibrate.taking import view
from edge_runtime.calibration import Calibration
from edge_runtime.errors import BadInput, CancerNetError
from edge_runtime.scale import check_um_per_px

from .instrument import (
    BLANK,
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

log = logging.getLogger(__name__)

FRAMES = 8
"""That a step takes the mean of."""
PITCH_UM, MOST_PITCH_UM = 10.0, 1000.0
"""From line to line of a stage micrometer: the usual distance, and what no micrometer exceeds."""
_SCALES = (SCALE_MICROMETER, SCALE_STATED)


@dataclass(frozen=True)
class Found:
    """What a step gave."""

    calibration: Calibration
    """So far."""
    message: str
    """In words."""
    figures: Mapping[str, Any]
    """By name."""
    warnings: tuple[str, ...] = ()
    """For the technician."""


class Walk:
    """A calibration in the making. Asked by the page's threads, carried out by the thread that has the camera."""

    def __init__(self, source: str, called: str | None, about: About, now: Callable[[], datetime]) -> None:
        """Begin with nothing. `called` says which camera pictures are of."""
        self._source, self._called, self._about, self._now = source, called, about, now
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
        return WalkState(self._about.objective, steps, self.calibration is not None and not self.is_busy)

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
            found = self._found(name, um)
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

    def _found(self, name: str, um: float | None) -> Found:
        if name == SCALE_MICROMETER:
            return self._micrometer(um or PITCH_UM)
        if name == SCALE_STATED:
            return self._stated(check_um_per_px(um))
        assert self.calibration is not None  # `begin` held it
        return self._blank(self.calibration) if name == BLANK else self._tissue(self.calibration)

    def _micrometer(self, pitch_um: float) -> Found:
        step = scale_of_micrometer(
            self.calibration, self._source, pitch_um, self._about, self._now(), FRAMES, self._called
        )
        assert step.micrometer is not None
        scale, lines = step.calibration.scale, step.micrometer.lines
        error = "" if scale.uncertainty is None else f" ± {scale.uncertainty:.2g}"
        figures = {"um_per_px": scale.um_per_px, "uncertainty": scale.uncertainty, "lines": lines}
        return Found(step.calibration, f"{scale.um_per_px:.4g}{error} µm per px, by {lines} lines", figures)

    def _stated(self, um_per_px: float) -> Found:
        with view(self._source, 1, None, self._called) as seen:
            camera = seen.camera
        step = scale_as_stated(self.calibration, camera, um_per_px, self._about, self._now())
        return Found(step.calibration, f"{um_per_px:.4g} µm per px, as stated", {"um_per_px": um_per_px})

    def _blank(self, so_far: Calibration) -> Found:
        step = blank_field(so_far, self._source, self._now(), FRAMES, self._called)
        blank = step.blank
        figures = {"evenness": blank.evenness, "specks": blank.dirt.specks, "dirt_share": blank.dirt.share}
        message = f"light even to {100 * blank.evenness:.0f} %, {blank.dirt.specks} specks of dirt"
        return Found(step.calibration, message, figures, tuple(blank.warnings))

    def _tissue(self, so_far: Calibration) -> Found:
        step = focus_baseline(so_far, self._source, self._now(), FRAMES, self._called)
        figures = {
            "sharpness": step.focus.sharpness,
            "places": step.focus.crops,
            "scale_by_tissue": step.tissue.verdict,
        }
        warnings = (step.tissue.message,) if step.tissue.is_off else ()
        return Found(step.calibration, f"sharpness {step.focus.sharpness:.2f}, at {step.focus.crops} places", figures,
                     warnings)  # fmt: skip
