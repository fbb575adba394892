"""The steps that look through an instrument of known scale: at clear glass for its light, at tissue for its focus.

A page on a phone calls these as the command line does.
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from datetime import datetime

from edge_runtime.calibration import Calibration

from .blank import BlankField, measure_blank
from .focus import FocusBaseline, measure_focus
from .so_far import check_same, settings_of, to_text
from .taking import view
from .tissue_check import TissueCheck, check_tissue

_TISSUE_FRAMES = 4
"""Pictures of tissue that are held in memory at once, at most."""


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


def blank_field(so_far: Calibration, source: str, now: datetime, frames: int, called: str | None) -> BlankStep:
    """Measure the lamp, its falloff and dirt on clear glass that a source shows."""
    with view(source, frames, None, called) as seen:
        check_same(so_far, seen.camera)
        found = measure_blank(seen.pictures, to_text(now))
        settings = seen.settings if seen.settings.says_something else None
        return BlankStep(dataclasses.replace(so_far, blank=found, settings=settings), found)


def focus_baseline(so_far: Calibration, source: str, now: datetime, frames: int, called: str | None) -> FocusStep:
    """Measure how sharp tissue is that a source shows, and check the scale by its cells."""
    with view(source, frames, settings_of(so_far), called) as seen:
        check_same(so_far, seen.camera)
        pictures = list(itertools.islice(seen.pictures, _TISSUE_FRAMES))
    tissue = check_tissue(pictures, so_far.um_per_px)
    found = measure_focus(pictures, so_far.um_per_px, to_text(now))
    return FocusStep(dataclasses.replace(so_far, focus=found), found, tissue)
