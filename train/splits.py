"""Who lies on which side, train, val or test: patients in groups, and never a group on two sides."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence

from edge_runtime.errors import BadInput

from .patch_index import OK, UNLISTED, IndexRow

SIDES = ("train", "val", "test")
SAME_SPECIMEN = {"9123": "9078"}
"""Slides of the public archive that are known to be sections of one specimen, and the group that they share."""
_NAMED = 8


@dataclasses.dataclass(frozen=True)
class Side:
    """Where one patient belongs."""

    split: str
    group: str
    coverage: str = ""
    """How much of the slide is there, where a CSV tells: `whole`, `window` (one region), `sample` (random tiles)."""


def known_group(patient: str) -> str:
    """Return the group of a patient of whom nothing else is told: the patient's own, but for known sections."""
    return SAME_SPECIMEN.get(patient, patient)


def apply_splits(rows: Sequence[IndexRow], sides: Mapping[str, Side], leave_out: bool = False) -> list[IndexRow]:
    """Return the rows with group and split filled in; refuses groups on two sides, and patients that are not listed.

    With `leave_out`, patients that are not listed become `unlisted` instead.
    """
    refuse_group_on_two_sides(sides)
    missing = sorted({row.patient_id for row in rows if row.status == OK} - set(sides))
    if missing and not leave_out:
        raise BadInput(
            f"{len(missing)} patients of the folder are not in the splits: {name_some(missing)}; "
            "add a row for each, or leave --splits away for a seeded split"
        )
    return [_on_its_side(row, sides.get(row.patient_id)) for row in rows]


def _on_its_side(row: IndexRow, side: Side | None) -> IndexRow:
    if side is not None:
        return dataclasses.replace(row, group=side.group, split=side.split)
    return dataclasses.replace(row, status=UNLISTED) if row.status == OK else row


def name_some(ids: Sequence[str]) -> str:
    """Return the first ids of many, in words."""
    return ", ".join(ids[:_NAMED]) + (f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else "")


def refuse_group_on_two_sides(sides: Mapping[str, Side]) -> None:
    """Raise BadInput where sections of one specimen would be trained and judged on."""
    splits_of: dict[str, set[str]] = defaultdict(set)
    for side in sides.values():
        splits_of[side.group].add(side.split)
    torn = sorted(group for group, splits in splits_of.items() if len(splits) > 1)
    if torn:
        where = "; ".join(f"group {group} is in {' and '.join(sorted(splits_of[group]))}" for group in torn[:_NAMED])
        raise BadInput(f"expected every group on one side of the split, found: {where}; move its patients together")
