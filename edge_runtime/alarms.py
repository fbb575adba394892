"""What is wrong with an instrument at work: reason codes, and what a person is to do about each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

LAMP_DIM, LAMP_BRIGHT, COLOUR_DRIFT = "lamp_dim", "lamp_bright", "colour_drift"
UNEVEN_LIGHT, SOFT_FOCUS, CONDENSATION = "uneven_light", "soft_focus", "condensation"
STORAGE_FAILED, STORAGE_FULL = "storage_failed", "storage_full"
ALARMS = (LAMP_DIM, LAMP_BRIGHT, COLOUR_DRIFT, UNEVEN_LIGHT, SOFT_FOCUS, CONDENSATION, STORAGE_FAILED, STORAGE_FULL)
"""Reason codes. `uneven_light`: the shading is another than that calibrated: objective, condenser or lamp moved.
`storage_failed`: frames cannot be recorded; `storage_full`: there is no room for their pictures."""

_WORDS = {
    LAMP_DIM: "light, as a share of that calibrated,",
    LAMP_BRIGHT: "light, as a share of that calibrated,",
    COLOUR_DRIFT: "a change of red or blue against green of",
    UNEVEN_LIGHT: "a difference of light over the view, as a share, of",
    SOFT_FOCUS: "sharpness, as a share of the focus baseline,",
    CONDENSATION: "contrast, as a share of that at the start,",
    STORAGE_FAILED: "frames that are not on the disk:",
    STORAGE_FULL: "frames recorded without their pictures:",
}
_TO_DO = {
    LAMP_DIM: "check the lamp and its supply, and calibrate again",
    LAMP_BRIGHT: "check the lamp and the exposure, and calibrate again",
    COLOUR_DRIFT: "check the lamp and that the white balance is locked, and calibrate again",
    UNEVEN_LIGHT: "check that the objective is the one calibrated, centre condenser and lamp, and calibrate again",
    SOFT_FOCUS: "focus; if that does not help, clean the objective, and check that it is the one calibrated",
    CONDENSATION: "wait until slide and objective are at room temperature, wipe the objective, and look again",
    STORAGE_FAILED: "make room on the disk, or take another one; judging goes on, and what was recorded is safe",
    STORAGE_FULL: "copy older sessions elsewhere and delete them here, or raise --storage-gb; numbers go on",
}

_COUNTED = (STORAGE_FAILED, STORAGE_FULL)


@dataclass(frozen=True)
class Alarm:
    """Something about the instrument that spoils its results."""

    reason: str
    """One of ALARMS."""
    value: float
    """What was measured; 1 is as calibrated."""
    limit: float
    """What it should not pass."""
    detail: str = ""
    """The system's words for it, where it has some."""

    @property
    def message(self) -> str:
        """What was expected, what was found, what to do."""
        side = "at most" if self.value > self.limit else "at least"
        limit, value = (
            f"{number:.0f}" if self.reason in _COUNTED else f"{number:.2f}" for number in (self.limit, self.value)
        )
        detail = f" ({self.detail})" if self.detail else ""
        return f"expected {_WORDS[self.reason]} {side} {limit}, found {value}{detail}; {_TO_DO[self.reason]}"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return {
            "reason": self.reason,
            "value": round(self.value, 4),
            "limit": round(self.limit, 4),
            "message": self.message,
        }


class Standing:
    """Which alarms stand, from one frame to the next: each is news once when it begins, and once when it ends."""

    def __init__(self) -> None:
        """Begin with none."""
        self._reasons: tuple[str, ...] = ()

    def update(self, alarms: Iterable[Alarm]) -> tuple[list[Alarm], list[str]]:
        """Take the alarms of the next frame; return those that begin, and the reasons of those that end."""
        now = {alarm.reason: alarm for alarm in alarms}
        before, self._reasons = self._reasons, tuple(now)
        begun = [alarm for reason, alarm in now.items() if reason not in before]
        return begun, [reason for reason in before if reason not in now]
