"""Numbers as a report writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

NONE = "–"
"""What stands where a figure does not exist."""


def number(value: float | None, digits: int = 3) -> str:
    """Return a figure with a fixed number of decimals, a dash where there is none."""
    return NONE if value is None or math.isnan(value) else _minus(f"{value:.{digits}f}")


def signed(value: float | None, digits: int = 3) -> str:
    """Return a difference with its sign."""
    return NONE if value is None or math.isnan(value) else _minus(f"{value:+.{digits}f}")


def _minus(text: str) -> str:
    return text.replace("-", "−")


def count(value: float) -> str:
    """Return a whole number with its thousands apart."""
    return f"{value:,.0f}"


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share 0..1 as a percentage."""
    return NONE if value is None or math.isnan(value) else f"{value:.{digits}%}".replace("%", " %")


def bounds(interval: Sequence[float] | None, digits: int = 3, sign: str = "") -> str:
    """Return an interval, or nothing."""
    return "" if interval is None else " to ".join(_minus(f"{bound:{sign}.{digits}f}") for bound in interval)


def with_bounds(value: float | None, interval: Sequence[float] | None) -> str:
    """Return a figure, with its interval below it in small print where it has one."""
    return _small(number(value), bounds(interval))


def signed_with_bounds(value: float | None, interval: Sequence[float] | None) -> str:
    """Return a difference, with its interval below it in small print where it has one."""
    return _small(signed(value), bounds(interval, sign="+"))


def _small(value: str, below: str) -> str:
    return Markup("{} <small>{}</small>").format(value, below) if below else value


def plain(value: float | None) -> float | None:
    """Return a figure as JSON can hold it: None where it does not exist."""
    return None if value is None or not math.isfinite(value) else float(value)
