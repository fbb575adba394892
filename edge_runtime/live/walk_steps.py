"""The steps of a guided calibration, each carried out as `cancernet calibrate` does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edge_runtime.calibrate.field_steps import blank_field, focus_baseline
from edge_runtime.calibrate.scale_steps import scale_as_stated, scale_of_micrometer
from edge_runtime.calibrate.so_far import About
from edge_runtime.calibrate.taking import view
from edge_runtime.calibration import Calibration
from edge_runtime.scale import check_um_per_px

from .instrument import BLANK, SCALE_MICROMETER, SCALE_STATED

FRAMES = 8
"""That a step takes the mean of."""
PITCH_UM = 10.0
"""From line to line of a usual stage micrometer."""


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


class Steps:
    """Look through the camera, which nobody else has open."""

    def __init__(self, source: str, called: str | None, about: About, now: Callable[[], datetime]) -> None:
        """Take where frames come from; `called` says which camera pictures are of."""
        self._source, self._called, self._about, self._now = source, called, about, now

    def found(self, name: str, um: float | None, so_far: Calibration | None) -> Found:
        """Carry out a step; raises BadInput and other errors of ours where it is refused, OSError.

        `um` is the distance of a micrometer's lines, µm, or the µm that a pixel covers, as stated.
        """
        if name == SCALE_MICROMETER:
            return self._micrometer(um or PITCH_UM, so_far)
        if name == SCALE_STATED:
            return self._stated(check_um_per_px(um), so_far)
        assert so_far is not None  # `Walk.begin` held it
        return self._blank(so_far) if name == BLANK else self._tissue(so_far)

    def _micrometer(self, pitch_um: float, so_far: Calibration | None) -> Found:
        step = scale_of_micrometer(so_far, self._source, pitch_um, self._about, self._now(), FRAMES, self._called)
        assert step.micrometer is not None
        scale, lines = step.calibration.scale, step.micrometer.lines
        error = "" if scale.uncertainty is None else f" ± {scale.uncertainty:.2g}"
        figures = {"um_per_px": scale.um_per_px, "uncertainty": scale.uncertainty, "lines": lines}
        return Found(step.calibration, f"{scale.um_per_px:.4g}{error} µm per px, by {lines} lines", figures)

    def _stated(self, um_per_px: float, so_far: Calibration | None) -> Found:
        with view(self._source, 1, None, self._called) as seen:
            camera = seen.camera
        step = scale_as_stated(so_far, camera, um_per_px, self._about, self._now())
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
