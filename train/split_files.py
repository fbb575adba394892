"""Read who lies on which side: from a CSV, or from lists as they are published."""

from __future__ import annotations

import csv
from pathlib import Path

from edge_runtime.errors import BadInput

from .splits import SIDES, Side, known_group

PUBLISHED = Path(__file__).with_name("published_splits.csv")
"""Patients of the published lists of 84 train, 29 validation and 49 test patients (Cruz-Roa 2014; Janowczyk &
Madabhushi 2016): 81 train and 29 val ids. Left out of train is 9123, a section of the specimen that is 9078 in val.
The test ids are not here; a folder of lists brings them."""


def read_splits(path: Path) -> dict[str, Side]:
    """Read a CSV with the columns patient_id, split and, where known, group and coverage."""
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
        side = Side(split, row.get("group") or known_group(patient), row.get("coverage") or "")
        if sides.setdefault(patient, side) != side:
            raise BadInput(f"{path}: patient {patient} is listed twice, and not alike; keep one")
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
            side = Side(split, known_group(patient))
            if sides.setdefault(patient, side) != side:
                raise BadInput(f"{path}: patient {patient} is in {sides[patient].split}.txt as well; keep one")
    return sides
