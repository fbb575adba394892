"""How long a calibration is good."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from edge_runtime.errors import BadInput

VALID_DAYS = 30
"""A calibration is good for so long by itself: lamps age, dust settles."""
GRACE = 2
"""From its end on it is used with a warning, until it is this many times as old; then it is refused."""
CLOCK_SLACK = timedelta(days=1)
"""A board's clock may lag so far behind the calibration's date; boards without a battery start in the past."""
AGAIN = "calibrate again: cancernet calibrate SOURCE --out FILE"
"""What to do, in the words of every error and warning about a calibration."""


def doubt(name: str, made: datetime | None, valid_days: int, now: datetime) -> str | None:
    """Return what to warn of before a calibration of this name and date is used; None: it is good.

    `made` is None where its date is not known. Raises BadInput where it is more than twice as old as it is good for.
    """
    if made is None:
        return f"the calibration {name!r} tells neither camera nor date (layout 1); {AGAIN}"
    age, good_for = now - made, timedelta(days=valid_days)
    if age < -CLOCK_SLACK:
        return f"the clock says {now:%Y-%m-%d}, before the calibration's date {made:%Y-%m-%d}; set the clock"
    if age > GRACE * good_for:
        raise BadInput(
            f"expected a calibration of the last {GRACE * valid_days} days, found {name!r} of {made:%Y-%m-%d}, "
            f"{age.days} days old; {AGAIN}"
        )
    if age > good_for:
        end = made + good_for
        return f"the calibration {name!r} expired on {end:%Y-%m-%d}; {AGAIN} (refused from twice its age on)"
    return None


def moment(text: str) -> datetime:
    """Return a date of a calibration's file, aware of its time zone; raises BadInput where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"expected a date such as 2026-11-21T16:30:00+00:00, found {text!r}; {AGAIN}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
