"""Put patients on the sides train, val and test: from a CSV, from lists, or seeded; never a group on two sides."""

from __future__ import annotations

import csv
import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .patch_index import BY_TILE, OK, UNLISTED, IndexRow

SIDES = ("train", "val", "test")
SAME_SPECIMEN = {"9123": "9078"}
"""Slides of the public archive that are known to be sections of one specimen, and the group that they share."""

PUBLISHED = Path(__file__).with_name("published_splits.csv")
"""Patients of the published lists of 84 train, 29 validation and 49 test patients (Cruz-Roa 2014; Janowczyk &
Madabhushi 2016): 81 train and 29 val ids. Left out of train is 9123, a section of the specimen that is 9078 in val.
The test ids are not here; a folder of lists brings them."""

TEST_SHARE, VAL_SHARE = 0.2, 0.1
"""Of all groups, and of those that are not for test: 72/8/20."""
_DEALS = 1000
"""Random deals of the groups to choose from; of 225 groups, shares of tiles then come within 1.5 points."""
_MANY = 10_000
"""Groups from which on few deals do: their shares hardly differ."""
_NAMED = 8


@dataclasses.dataclass(frozen=True)
class Side:
    """Where one patient belongs."""

    split: str
    group: str


def read_splits(path: Path) -> dict[str, Side]:
    """Read a CSV with the columns patient_id, split and, where known, group."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            reader = csv.DictReader(handle)
            rows = list(reader)
            columns = reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"expected a CSV of splits at {path}: {error}") from error
    if not {"patient_id", "split"} <= set(columns):
        raise BadInput(f"{path}: expected the columns patient_id and split, found {', '.join(columns) or 'none'}")
    sides: dict[str, Side] = {}
    for row in rows:
        patient, split = row["patient_id"], row["split"]
        if split not in SIDES:
            raise BadInput(f"{path}: patient {patient} has the split {split!r}; expected one of {', '.join(SIDES)}")
        side = _side(split, patient, row.get("group"))
        if sides.setdefault(patient, side) != side:
            raise BadInput(f"{path}: patient {patient} is listed twice, with different sides; keep one")
    return sides


def read_lists(folder: Path) -> dict[str, Side]:
    """Read lists as they are published: train.txt, val.txt, test.txt, an id a line; train and one more at least."""
    sides: dict[str, Side] = {}
    found = [split for split in SIDES if (folder / f"{split}.txt").is_file()]
    if "train" not in found or len(found) == 1:
        raise BadInput(
            f"expected lists of ids in {folder} ({', '.join(f'{split}.txt' for split in SIDES)}; train and one more at "
            f"least), found {', '.join(f'{split}.txt' for split in found) or 'none'}"
        )
    for split in found:
        path = folder / f"{split}.txt"
        try:
            patients = path.read_text(encoding="utf-8-sig").split()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"expected a list of ids at {path}: {error}") from error
        for patient in patients:
            side = _side(split, patient)
            if sides.setdefault(patient, side) != side:
                raise BadInput(f"{path}: patient {patient} is in {sides[patient].split}.txt as well; keep one")
    return sides


def _side(split: str, patient: str, group: str | None = None) -> Side:
    return Side(split, group or SAME_SPECIMEN.get(patient, patient))


def seeded_splits(rows: Sequence[IndexRow], seed: int) -> dict[str, Side]:
    """Put a fifth of the groups on test and a tenth of the rest on val, with the classes spread alike: 72/8/20.

    Few groups give coarser shares; refuses fewer than three.
    """
    usable = [row for row in rows if row.status == OK]
    names, units = np.unique([SAME_SPECIMEN.get(row.patient_id, row.patient_id) for row in usable], return_inverse=True)
    if len(names) < len(SIDES):
        raise BadInput(
            f"expected at least {len(SIDES)} patients to split, found {len(names)}; add patients, or give --splits"
        )
    labels = np.array([row.label for row in usable])
    sides = _deal_rows(labels, seed) if len(names) == len(usable) else _deal_groups(labels, units, seed)[units]
    return {
        row.patient_id: Side(str(side), str(names[unit])) for row, side, unit in zip(usable, sides, units, strict=True)
    }


def tear_patients_apart(rows: Sequence[IndexRow], seed: int) -> list[IndexRow]:
    """Split tile by tile, whatever patient they are of: only to show how much that flatters. The index records it."""
    sides = iter(_deal_rows(np.array([row.label for row in rows if row.status == OK]), seed).tolist())
    return [dataclasses.replace(row, split=next(sides) if row.status == OK else "", split_by=BY_TILE) for row in rows]


def _deal_groups(labels: NDArray[np.int_], units: NDArray[np.int_], seed: int) -> NDArray[np.str_]:
    """Return the side of each group: of many random deals the one that spreads the classes most alike.

    Shares of groups are exact, and those of tiles close. (scikit-learn's StratifiedGroupKFold balances tiles alone: of
    226 slides its val side had 5, the largest ones, where 18 are due.)
    """
    count = int(units.max()) + 1
    tiles = np.stack([np.bincount(units[labels == label], minlength=count) for label in (0, 1)], axis=1)
    shares = tiles / tiles.sum(axis=0)
    sizes, random = _sizes(count), np.random.default_rng(seed)
    sides, wanted = np.repeat(SIDES, sizes), np.array(sizes)[:, None] / count
    best, least = sides, np.inf
    for _ in range(_DEALS if count < _MANY else _DEALS // 100):
        dealt = random.permutation(sides)
        found = np.stack([shares[dealt == side].sum(axis=0) for side in SIDES])
        off = float(np.abs(found - wanted).max() + (found == 0).sum())  # a side without a class is the last choice
        if off < least:
            best, least = dealt, off
    return best


def _deal_rows(labels: NDArray[np.int_], seed: int) -> NDArray[np.str_]:
    """Return the side of each row, by class, nothing kept together; refuses fewer than three of a class."""
    sides, random = np.empty(len(labels), "<U5"), np.random.default_rng(seed)
    for label in (0, 1):
        members = np.flatnonzero(labels == label)
        if len(members) < len(SIDES):
            raise BadInput(
                f"expected a tile of each class for each side, found {len(members)} of class {label}; add some"
            )
        sides[members] = random.permutation(np.repeat(SIDES, _sizes(len(members))))
    return sides


def _sizes(count: int) -> tuple[int, int, int]:
    """Return how many of `count` go to train, val and test; none goes empty from three on."""
    test = max(1, round(count * TEST_SHARE))
    val = max(1, round((count - test) * VAL_SHARE))
    return count - test - val, val, test


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
