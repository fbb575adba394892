"""A calibration in the making: what its file holds already, and what the next step must agree with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge_runtime.calibration import VALID_DAYS, Calibration, CameraId, objective_name, read_calibration
from edge_runtime.cameras.controls import Settings
from edge_runtime.errors import BadInput


@dataclass(frozen=True)
class About:
    """What a calibration says of itself."""

    name: str
    """What a person calls it."""
    objective: str = ""
    """As engraved; empty: nobody said."""
    valid_days: int = VALID_DAYS
    """How long its parts are good."""


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


def check_same(so_far: Calibration, camera: CameraId) -> None:
    """Raise BadInput where a calibration is of another camera than this one."""
    if so_far.camera is not None and so_far.camera != camera:
        raise BadInput(
            f"expected the camera {so_far.camera} that the calibration {so_far.name!r} is of, found {camera}; use "
            "that one (--camera says which one pictures are of), give another --out, or start afresh with --new"
        )


def settings_of(so_far: Calibration | None) -> Settings | None:
    """Return what a camera is to be set to before it is looked through; None: nobody knows yet."""
    return None if so_far is None else so_far.settings


def to_text(now: datetime) -> str:
    """Return a date as a calibration tells it: ISO 8601, to the second."""
    return now.isoformat(timespec="seconds")
