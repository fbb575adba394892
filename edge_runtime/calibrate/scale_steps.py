"""The steps that give a calibration its scale: from a micrometer, from the optics, or as a person states it.

A page on a phone calls these as the command line does. Each takes the calibration so far, or None before the first.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edge_runtime.calibration import MICROMETER, OPTICS, STATED, Calibration, CameraId, Scale, objective_name
from edge_runtime.errors import BadInput

from .micrometer import MicrometerScale, mean_green, measure_micrometer
from .nominal import NOMINAL_UNCERTAINTY, Optics
from .so_far import About, check_same, settings_of, to_text
from .taking import view

MOST_APART = 0.1
"""Share by which a measured scale may differ from that of the optics, or from the one stated."""


@dataclass(frozen=True)
class ScaleStep:
    """What the step `scale` gave."""

    calibration: Calibration
    """With the new scale; what was measured with another one is gone."""
    micrometer: MicrometerScale | None = None
    """Its lines, where a micrometer was looked at."""
    grey: NDArray[np.float32] | None = None
    """float32 (h, w): the picture of it, mean of the frames."""


def scale_of_micrometer(
    so_far: Calibration | None,
    source: str,
    pitch_um: float,
    about: About,
    now: datetime,
    frames: int,
    called: str | None,
) -> ScaleStep:
    """Measure the scale on a stage micrometer that a source shows, lines `pitch_um` apart."""
    with view(source, frames, settings_of(so_far), called) as seen:
        grey = mean_green(seen.pictures)
        found = measure_micrometer(grey, pitch_um)
        every = f", every {found.longer_every}th longer" if found.longer_every else ""
        how = f"{found.lines} lines at {pitch_um:g} µm{every}, {found.graduation.period_px:.3f} px apart"
        scale = Scale(found.um_per_px, MICROMETER, found.uncertainty, to_text(now), how)
        return ScaleStep(_with_scale(so_far, scale, seen.camera, about), found, grey)


def scale_of_optics(
    so_far: Calibration | None, camera: CameraId, optics: Optics, about: About, now: datetime
) -> ScaleStep:
    """Reckon the scale from objective, tube and sensor."""
    how = f"{optics.magnification:g}x onto pixels of {optics.sensor_px_um * optics.reduction:g} µm"
    scale = Scale(optics.um_per_px, OPTICS, NOMINAL_UNCERTAINTY * optics.um_per_px, to_text(now), how)
    return ScaleStep(_with_scale(so_far, scale, camera, about))


def scale_as_stated(
    so_far: Calibration | None, camera: CameraId, um_per_px: float, about: About, now: datetime
) -> ScaleStep:
    """Take the scale that a person states."""
    return ScaleStep(_with_scale(so_far, Scale(um_per_px, STATED, None, to_text(now)), camera, about))


def check_agreement(measured: float, other: float, of: str) -> None:
    """Raise BadInput where two ways to one scale, µm per px, differ by more than both can err."""
    if abs(measured / other - 1) > MOST_APART:
        raise BadInput(
            f"expected {other:.4g} µm per px by {of}, found {measured:.4g} on the micrometer, "
            f"{measured / other:.3g} times "
            "that; check --micrometer-um (the finest lines' distance), the objective in use, and binning or "
            "scaling of the camera; leave out what is not certain"
        )


def _with_scale(so_far: Calibration | None, scale: Scale, camera: CameraId, about: About) -> Calibration:
    objective = objective_name(about.objective) if about.objective else ""
    if so_far is None:
        return Calibration(scale, camera, objective, about.name, valid_days=about.valid_days)
    check_same(so_far, camera)
    focus = so_far.focus if abs(scale.um_per_px / so_far.um_per_px - 1) < MOST_APART else None  # it was told in µm
    return dataclasses.replace(so_far, scale=scale, focus=focus, objective=objective or so_far.objective)
