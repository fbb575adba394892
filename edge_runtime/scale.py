"""How many µm one pixel covers: checked in one place, and never guessed."""

from __future__ import annotations

import math
from typing import SupportsFloat

from .errors import BadInput, ScaleOutOfRange, UnknownScale
from .patches import IDC_UM_PER_PX

HOW_TO_SAY = (
    "say it with --um-per-px, with --calibration FILE, or with ?um_per_px= after the source "
    "(0.39 for a Pi HQ camera with a 4x objective)"
)


def check_um_per_px(value: object) -> float:
    """Return a scale (a number, or the text of one) as a float; None is unknown, and only positive numbers pass."""
    if value is None:
        raise UnknownScale(f"expected a source that says how many µm one pixel covers, found none; {HOW_TO_SAY}")
    try:
        scale = math.nan if isinstance(value, bool) or not isinstance(value, (str, SupportsFloat)) else float(value)
    except (ValueError, OverflowError):
        scale = math.nan
    if not (math.isfinite(scale) and scale > 0):
        raise ScaleOutOfRange(f"expected a positive number of µm per px, found {value!r}; {HOW_TO_SAY}")
    return scale


def same_scale(first: float, second: float) -> bool:
    """Tell whether two scales are one, but for rounding in their text."""
    return math.isclose(first, second, rel_tol=1e-6)


def agreed_um_per_px(argument: float | None, option: str | None) -> float | None:
    """Return the scale that a person gave beside a source or in its text; both may be given if they agree."""
    given = [check_um_per_px(value) for value in (argument, option) if value is not None]
    if len(given) == 2 and not same_scale(*given):
        raise BadInput(
            f"expected one scale, found {given[0]:g} µm per px for the run and ?um_per_px={given[1]:g} in the source; "
            "give one of them"
        )
    return given[0] if given else None


def patches_um_per_px(given: float | None) -> float:
    """Return the scale of IDC patches, which they carry themselves; a given one must not contradict it."""
    if given is not None and not same_scale(given, IDC_UM_PER_PX):
        raise BadInput(
            f"IDC patches are at {IDC_UM_PER_PX:g} µm per px, found a given scale of {given:g}; leave the scale out, "
            "or give these files other names if they are no IDC patches"
        )
    return IDC_UM_PER_PX
