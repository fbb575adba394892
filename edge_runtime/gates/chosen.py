"""Which gates are at work: those of the contract, less what a person leaves out, with the constants that change."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge_runtime.contract import (
    Contract,
    DarkGate,
    FocusGate,
    MotionGate,
    PenGate,
    SaturationGate,
    StainGate,
    TissueGate,
)
from edge_runtime.errors import BadInput, BadModelFile

from .reasons import FOREIGN_STAIN, MOVING, NO_TISSUE, OUT_OF_FOCUS, PEN_OR_DIRT, SATURATED, TOO_DARK

ON, OFF = "on", "off"

_FIELDS = {
    NO_TISSUE: "tissue",
    PEN_OR_DIRT: "pen",
    OUT_OF_FOCUS: "focus",
    TOO_DARK: "dark",
    SATURATED: "saturation",
    FOREIGN_STAIN: "stain",
    MOVING: "motion",
}
"""The field of Gates, and with `_gate` behind it of the Contract, for each reason."""


@dataclass(frozen=True)
class Gates:
    """The constants of each gate; None: it refuses nothing."""

    tissue: TissueGate | None = None
    """For `no_tissue`."""
    pen: PenGate | None = None
    """For `pen_or_dirt`."""
    focus: FocusGate | None = None
    """For `out_of_focus`."""
    dark: DarkGate | None = None
    """For `too_dark`."""
    saturation: SaturationGate | None = None
    """For `saturated`."""
    stain: StainGate | None = None
    """For `foreign_stain`."""
    motion: MotionGate | None = None
    """For `moving`."""

    @property
    def reasons(self) -> list[str]:
        """The reasons that these gates may give."""
        return [reason for reason, name in _FIELDS.items() if getattr(self, name) is not None]

    def only(self, reasons: Sequence[str]) -> Gates:
        """Return these gates without those that give other reasons."""
        return Gates(**{name: getattr(self, name) for reason, name in _FIELDS.items() if reason in reasons})

    def changed(self, reason: str, constant: str, value: float) -> Gates:
        """Return these gates with one constant changed; raises BadInput where there is none such, or it cannot be."""
        gate = getattr(self, _FIELDS[reason], None) if reason in _FIELDS else None
        if gate is None:
            raise BadInput(f"expected a gate that is at work ({', '.join(self.reasons)}), found {reason!r}")
        known = [name for name, held in dataclasses.asdict(gate).items() if isinstance(held, (int, float))]
        if constant not in known:
            raise BadInput(f"expected a constant of {reason} ({', '.join(known)}), found {constant!r}")
        if isinstance(getattr(gate, constant), int):
            if not value.is_integer():
                raise BadInput(f"expected a whole number for {reason}.{constant}, found {value:g}")
            value = int(value)
        try:
            return dataclasses.replace(self, **{_FIELDS[reason]: dataclasses.replace(gate, **{constant: value})})
        except BadModelFile as error:
            raise BadInput(f"{reason}.{constant} cannot be {value:g}: {error}") from error


def gates_of(contract: Contract) -> Gates:
    """Return the gates of a contract; an older model lacks those that came later."""
    return Gates(**{name: getattr(contract, f"{name}_gate") for name in _FIELDS.values()})


def choose(gates: Gates, wanted: str = ON, changes: Sequence[str] = ()) -> Gates:
    """Return the gates that a person wants: `on`, `off` or reasons with commas, and REASON.CONSTANT=VALUE each."""
    if wanted == OFF:
        chosen = Gates()
    elif wanted == ON:
        chosen = gates
    else:
        names = [name.strip() for name in wanted.split(",")]
        if unknown := [name for name in names if name not in _FIELDS]:
            raise BadInput(f"--gates: expected on, off, or some of {','.join(_FIELDS)}; found {unknown[0]!r}")
        if missing := [name for name in names if name not in gates.reasons]:
            raise BadInput(
                f"--gates: this model has {','.join(gates.reasons)}, and no {missing[0]}; choose among these"
            )
        chosen = gates.only(names)
    for change in changes:
        chosen = _change(chosen, change)
    return chosen


def _change(gates: Gates, change: str) -> Gates:
    name, _, text = change.partition("=")
    reason, _, constant = name.strip().partition(".")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or not constant:
        example = "out_of_focus.min_sharpness=0.3"
        raise BadInput(f"--gate: expected REASON.CONSTANT=NUMBER, found {change!r}; write --gate {example}")
    return gates.changed(reason, constant, value)
