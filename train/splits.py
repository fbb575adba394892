"""Put patients on the sides train, val and test: by group, seeded or from a CSV, never a group on two sides."""

from __future__ import annotations

import csv
import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from edge_runtime.errors import BadInput

from .patch_index import OK, IndexRow

SIDES = ("train", "val", "test")
SAME_SPECIMEN = {"9123": "9078"}
"""Slides of the public archive that are known to be sections of one specimen, and the group that they share."""

_FOLDS = 10
_TEST_FOLDS = 2
_VAL_FOLDS = 1


@dataclasses.dataclass(frozen=True)
class Side:
    """Where one patient belongs."""

    split: str
    group: str


def read_splits(path: Path) -> dict[str, Side]:
    """Read a CSV with the columns patient_id, split and, where known, group."""
    try:
        with path.open(newline="") as handle:
            reader = csv.DictReader(handle)
            rows = list(reader)
            columns = reader.fieldnames or []
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"expected a CSV of splits at {path}: {error}") from error
    if not {"patient_id", "split"} <= set(columns):
        raise BadInput(f"{path}: expected the columns patient_id and split, found {', '.join(columns) or 'none'}")
    sides: dict[str, Side] = {}
    for row in rows:
        patient, split = row["patient_id"], row["split"]
        if split not in SIDES:
            raise BadInput(f"{path}: patient {patient} has the split {split!r}; expected one of {', '.join(SIDES)}")
        side = Side(split, row.get("group") or SAME_SPECIMEN.get(patient, patient))
        if sides.setdefault(patient, side) != side:
            raise BadInput(f"{path}: patient {patient} is listed twice, with different sides; keep one")
    return sides


def seeded_splits(rows: Sequence[IndexRow], seed: int) -> dict[str, Side]:
    """Split groups 70/10/20 into train, val and test, with the classes spread alike; fewer groups, coarser shares."""
    usable = [row for row in rows if row.status == OK]
    groups = [SAME_SPECIMEN.get(row.patient_id, row.patient_id) for row in usable]
    folds = min(_FOLDS, len(set(groups)))
    if folds < len(SIDES):
        raise BadInput(
            f"expected at least {len(SIDES)} patients to split, found {folds}; add patients, or give --splits"
        )
    labels = np.array([row.label for row in usable])
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    test_folds = max(1, folds * _TEST_FOLDS // _FOLDS)
    sides: dict[str, Side] = {}
    for fold, (_, members) in enumerate(splitter.split(labels, labels, groups)):
        split = "test" if fold < test_folds else "val" if fold < test_folds + _VAL_FOLDS else "train"
        for n in members:
            sides[usable[n].patient_id] = Side(split, groups[n])
    return sides


def apply_splits(rows: Sequence[IndexRow], sides: Mapping[str, Side]) -> list[IndexRow]:
    """Return the rows with group and split filled in; refuses unknown patients and groups on two sides."""
    refuse_group_on_two_sides(sides)
    missing = sorted({row.patient_id for row in rows if row.status == OK} - set(sides))
    if missing:
        raise BadInput(
            f"{len(missing)} patients of the folder are not in the splits: {', '.join(missing[:8])}; "
            "add a row for each, or leave --splits away for a seeded split"
        )
    return [
        dataclasses.replace(row, group=sides[row.patient_id].group, split=sides[row.patient_id].split)
        if row.patient_id in sides
        else row
        for row in rows
    ]


def refuse_group_on_two_sides(sides: Mapping[str, Side]) -> None:
    """Raise BadInput where sections of one specimen would be trained and judged on."""
    splits_of: dict[str, set[str]] = defaultdict(set)
    for side in sides.values():
        splits_of[side.group].add(side.split)
    torn = sorted(group for group, splits in splits_of.items() if len(splits) > 1)
    if torn:
        where = "; ".join(f"group {group} is in {' and '.join(sorted(splits_of[group]))}" for group in torn[:8])
        raise BadInput(f"expected every group on one side of the split, found: {where}; move its patients together")
