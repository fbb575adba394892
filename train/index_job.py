"""Make an index: read the folder in its format, put patients on their sides, refuse what would spoil a training."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from edge_runtime.errors import BadInput

from .copies import settle_copies
from .deal import seeded_splits, tear_patients_apart
from .detect import detect_format
from .formats import IDC, format_named
from .hcd import read_labelled
from .idc import read_archive
from .patch_index import (
    BY_PATIENT,
    BY_TILE,
    CONTRADICTION,
    DOUBTS,
    OK,
    UNGROUPED,
    UNLISTED,
    UNREADABLE,
    IndexRow,
    counts,
    summarize,
    write_index,
)
from .split_files import PUBLISHED, read_lists, read_splits
from .splits import SIDES, Side, apply_splits, name_some

_WITHOUT = {
    "train": "nothing can be trained",
    "val": "no network can be chosen by it, and no threshold",
    "test": "a model can be judged on val alone, which flatters it",
}
"""What is missed where a side is empty."""
AUTO = "auto"
PUBLISHED_NAME = "published"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IndexJob:
    """What to index and how."""

    folder: Path
    """The data set."""
    out: Path
    """The index to write."""
    format: str = AUTO
    """auto, idc or hcd."""
    splits: str | None = None
    """A CSV, a folder of lists, or `published`; None: seeded."""
    groups: Path | None = None
    """CSV of picture ids and slides, for a format that does not tell them."""
    split_by: str = BY_PATIENT
    """patient or tile."""
    seed: int = 0
    """Of the seeded split."""
    drop_duplicates: bool = False
    """Keep one of pictures that are the same, instead of refusing them on two sides."""


def run_index(job: IndexJob) -> dict[str, Any]:
    """Write the index of a folder; return what was found. Nothing is written where something is refused."""
    if job.split_by == BY_TILE and job.splits:
        raise BadInput("expected --splits or --split-by tile, found both: a list of patients keeps them whole")
    sides = _given_sides(job.splits) if job.splits else None
    rows = _read(job)
    _require_both_classes(rows)
    rows = settle_copies(_split(rows, sides, job), job.drop_duplicates)
    _check_sides(rows, seeded=sides is None)
    write_index(rows, job.out)
    _tell(rows, job.out)
    return {"index": str(job.out)} | summarize(rows)


def _read(job: IndexJob) -> list[IndexRow]:
    name = detect_format(job.folder) if job.format == AUTO else format_named(job.format).name
    if name == IDC.name and job.groups:
        raise BadInput("--groups is for pictures whose names tell no slide (HCD); for IDC, --splits has a column group")
    with tqdm(desc="reading", unit="file", disable=not sys.stderr.isatty()) as bar:
        if name == IDC.name:
            return read_archive(job.folder, IDC.picture_px, bar.update)
        return read_labelled(job.folder, job.groups, bar.update)


def _given_sides(given: str) -> dict[str, Side]:
    if given == PUBLISHED_NAME:
        return read_splits(PUBLISHED)
    return read_lists(Path(given)) if Path(given).is_dir() else read_splits(Path(given))


def _split(rows: list[IndexRow], sides: Mapping[str, Side] | None, job: IndexJob) -> list[IndexRow]:
    if job.split_by == BY_TILE:
        return tear_patients_apart(rows, job.seed)
    if sides is None:
        return apply_splits(rows, seeded_splits(rows, job.seed))
    here = {row.patient_id for row in rows if row.status == OK}
    unknown = sorted(set(sides) - here)
    if unknown:
        log.warning("%d patients of the splits are not in the folder: %s", len(unknown), name_some(unknown))
    if not here & set(sides):
        raise BadInput(f"expected the splits {job.splits} to list patients of {job.folder}, found none of them there")
    lists = job.splits == PUBLISHED_NAME or Path(str(job.splits)).is_dir()
    return apply_splits(rows, sides, leave_out=lists)


def _require_both_classes(rows: Sequence[IndexRow]) -> None:
    usable = [row for row in rows if row.status == OK]
    found = {row.label for row in usable}
    if len(found) == 1:
        labels = format_named(rows[0].format).labels
        raise BadInput(
            f"expected pictures of both classes ({', '.join(labels)}), found {len(usable)} of {labels[found.pop()]} "
            "alone: nothing can be learned from them"
        )


def _check_sides(rows: Sequence[IndexRow], seeded: bool) -> None:
    """Refuse a seeded split with a side of one class; a given one may be of use, and is told."""
    labels = format_named(rows[0].format).labels
    for split in SIDES:
        found = {row.label for row in rows if row.status == OK and row.split == split}
        if not found:
            log.warning("no tile lies on the side %s: %s", split, _WITHOUT[split])
        if len(found) == 1:
            what = f"the side {split} has tiles of {labels[found.pop()]} alone"
            if seeded:
                raise BadInput(f"{what}: expected both classes; add patients, give another --seed, or give --splits")
            log.warning("%s: nothing can be trained or judged on it", what)


def _tell(rows: Sequence[IndexRow], out: Path) -> None:
    for row in rows:
        if row.status in (UNREADABLE, CONTRADICTION):  # what a person may want to mend; edges and copies are thousands
            log.warning("left out: %s: %s", row.status, row.path)
    for status, why in ((UNLISTED, "in no list"), (UNGROUPED, "in no group")):
        left = [row for row in rows if row.status == status]
        if left:
            ids = sorted({row.patient_id or Path(row.path).stem for row in left})
            log.warning("left out, %s: %d pictures of %s", why, len(left), name_some(ids))
    log.info("left out, each listed in %s: %s", out, counts(row for row in rows if row.status != OK))
    if rows[0].split_by in DOUBTS:
        log.warning(DOUBTS[rows[0].split_by])
