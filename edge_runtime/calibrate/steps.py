"""The steps of a calibration, one function each: from a source to the calibration with that part new.

A page on a phone calls these as the command line does. Each takes the calibration so far, or None before the first.
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.calibration import (
    MICROMETER,
    OPTICS,
    STATED,
    VALID_DAYS,
    Calibration,
    CameraId,
    Scale,
    objective_name,
    read_calibration,
)
from edge_runtime.cameras.controls import Settings
from edge_runtime.errors import BadInput

from .blank import BlankField, measure_blank
from .focus import FocusBaseline, measure_focus
from .micrometer import MicrometerScale, mean_green, measure_micrometer
from .nominal import NOMINAL_UNCERTAINTY, Optics
from .taking import view
from .tissue_check import TissueCheck, check_tissue

MOST_APART = 0.1
"""Share by which a measured scale may differ from that of the optics, or from the one stated."""

_TISSUE_FRAMES = 4
"""Pictures of tissue that are held in memory at once, at most."""


@dataclass(frozen=True)
class About:
    """What a calibration says of itself."""

    name: str
    """What a person calls it."""
    objective: str = ""
    """As engraved; empty: nobody said."""
    valid_days: int = VALID_DAYS
    """How long its parts are good."""


@dataclass(frozen=True)
class ScaleStep:
    """What the step `scale` gave."""

    calibration: Calibration
    """With the new scale; what was measured with another one is gone."""
    micrometer: MicrometerScale | None = None
    """Its lines, where a micrometer was looked at."""
    grey: NDArray[np.float32] | None = None
    """float32 (h, w): the picture of it, mean of the frames."""


@dataclass(frozen=True)
class BlankStep:
    """What the step `blank` gave."""

    calibration: Calibration
    """With the new blank field."""
    blank: BlankField
    """What was measured; its warnings are for the technician."""


@dataclass(frozen=True)
class FocusStep:
    """What the step `focus` gave."""

    calibration: Calibration
    """With the new baseline."""
    focus: FocusBaseline
    """What was measured."""
    tissue: TissueCheck
    """Whether what is seen has the size that the scale makes it."""


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
    with view(source, frames, _settings(so_far), called) as seen:
        grey = mean_green(seen.pictures)
        found = measure_micrometer(grey, pitch_um)
        every = f", every {found.longer_every}th longer" if found.longer_every else ""
        how = f"{found.lines} lines at {pitch_um:g} µm{every}, {found.graduation.period_px:.3f} px apart"
        scale = Scale(found.um_per_px, MICROMETER, found.uncertainty, _text(now), how)
        return ScaleStep(_with_scale(so_far, scale, seen.camera, about), found, grey)


def scale_of_optics(
    so_far: Calibration | None, camera: CameraId, optics: Optics, about: About, now: datetime
) -> ScaleStep:
    """Reckon the scale from objective, tube and sensor."""
    how = f"{optics.magnification:g}x onto pixels of {optics.sensor_px_um * optics.reduction:g} µm"
    scale = Scale(optics.um_per_px, OPTICS, NOMINAL_UNCERTAINTY * optics.um_per_px, _text(now), how)
    return ScaleStep(_with_scale(so_far, scale, camera, about))


def scale_as_stated(
    so_far: Calibration | None, camera: CameraId, um_per_px: float, about: About, now: datetime
) -> ScaleStep:
    """Take the scale that a person states."""
    return ScaleStep(_with_scale(so_far, Scale(um_per_px, STATED, None, _text(now)), camera, about))


def check_agreement(measured: float, other: float, of: str) -> None:
    """Raise BadInput where two ways to one scale, µm per px, differ by more than both can err."""
    if abs(measured / other - 1) > MOST_APART:
        raise BadInput(
            f"expected {other:.4g} µm per px by {of}, found {measured:.4g} on the micrometer, "
            f"{measured / other:.3g} times "
            "that; check --micrometer-um (the finest lines' distance), the objective in use, and binning or "
            "scaling of the camera; leave out what is not certain"
        )


def blank_field(so_far: Calibration, source: str, now: datetime, frames: int, called: str | None) -> BlankStep:
    """Measure the lamp, its falloff and dirt on clear glass that a source shows."""
    with view(source, frames, None, called) as seen:
        _check_same(so_far, seen.camera)
        found = measure_blank(seen.pictures, _text(now))
        settings = seen.settings if seen.settings.says_something else None
        return BlankStep(dataclasses.replace(so_far, blank=found, settings=settings), found)


def focus_baseline(so_far: Calibration, source: str, now: datetime, frames: int, called: str | None) -> FocusStep:
    """Measure how sharp tissue is that a source shows, and check the scale by its cells."""
    with view(source, frames, _settings(so_far), called) as seen:
        _check_same(so_far, seen.camera)
        pictures = list(itertools.islice(seen.pictures, _TISSUE_FRAMES))
    tissue = check_tissue(pictures, so_far.um_per_px)
    found = measure_focus(pictures, so_far.um_per_px, _text(now))
    return FocusStep(dataclasses.replace(so_far, focus=found), found, tissue)


def open_so_far(path: Path, about: About, fresh: bool, objective_said: bool) -> Calibration | None:
    """Return the calibration that a file holds already; None where there is none, or it is to be made afresh.

    Raises BadInput where it is of another objective.
    """
    if fresh or not path.exists():
        return None
    found = read_calibration(path)
    if found.camera is None:
        raise BadInput(f"{path}: expected a calibration of layout 2, found layout 1; start afresh with --new")
    if objective_said and found.objective and objective_name(about.objective) != found.objective:
        raise BadInput(
            f"{path}: expected the objective {found.objective} that it is of, found "
            f"{objective_name(about.objective)}; give another --out, or start afresh with --new"
        )
    return found


def _with_scale(so_far: Calibration | None, scale: Scale, camera: CameraId, about: About) -> Calibration:
    objective = objective_name(about.objective) if about.objective else ""
    if so_far is None:
        return Calibration(scale, camera, objective, about.name, valid_days=about.valid_days)
    _check_same(so_far, camera)
    focus = so_far.focus if abs(scale.um_per_px / so_far.um_per_px - 1) < MOST_APART else None  # it was told in µm
    return dataclasses.replace(so_far, scale=scale, focus=focus, objective=objective or so_far.objective)


def _check_same(so_far: Calibration, camera: CameraId) -> None:
    if so_far.camera is not None and so_far.camera != camera:
        raise BadInput(
            f"expected the camera {so_far.camera} that the calibration {so_far.name!r} is of, found {camera}; use "
            "that one (--camera says which one pictures are of), give another --out, or start afresh with --new"
        )


def _settings(so_far: Calibration | None) -> Settings | None:
    return None if so_far is None else so_far.settings


def _text(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
