"""The index: a row a picture of a data set: what it is, on which side it lies, whether it can be trained on."""

from __future__ import annotations

import csv
import dataclasses
import io
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.atomic import write_text
from edge_runtime.errors import BadInput

from .formats import IDC, format_named

OK, EDGE, UNREADABLE, DUPLICATE, CONTRADICTION, STRAY, UNLISTED, UNGROUPED = (
    "ok",
    "edge",
    "unreadable",
    "duplicate",
    "contradicts_folder",
    "stray",
    "unlisted",
    "no_group",
)
"""Only `ok` is trained and judged on: a readable picture of the right size, once, whose name and folder agree, and
whose patient is in the lists that were given."""

BY_PATIENT, BY_PICTURE, BY_TILE = "patient", "picture", "tile"
"""How the sides were made: patients kept together; no patient known, so every picture by itself; patients torn apart
on purpose, to show what that flatters."""

DOUBTS = {
    BY_TILE: "LEAKY SPLIT: tiles of one patient lie on several sides (--split-by tile). Every figure made with it is "
    "flattered; it serves to show by how much, and no model of it is packed",
    BY_PICTURE: "NO PATIENT IS KNOWN: pictures of one patient may lie on several sides, which flatters every figure; "
    "index with --groups CSV (columns id and wsi, or group) to keep them together",
}
"""What is to be said, loudly, of figures made with such a split."""


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One file of a data set; a stray file has a path and a status alone."""

    path: str
    """Absolute path of the file."""
    patient_id: str = ""
    """The slide's id; where no slide is known, the picture's."""
    group: str = ""
    """What must stay on one side of a split: the slide, or the specimen where its sections are known."""
    x: int = -1
    """Left edge, px of the slide; -1: not known."""
    y: int = -1
    """Top edge, px of the slide; -1: not known."""
    label: int = -1
    """0 or 1, as the format's labels name them."""
    split: str = ""
    """train, val or test."""
    status: str = OK
    """ok, edge, unreadable, duplicate, contradicts_folder, stray, unlisted or no_group."""
    format: str = IDC.name
    """Name in train.formats.FORMATS; one index holds one."""
    split_by: str = BY_PATIENT
    """patient, picture or tile; one index holds one."""
    content: str = ""
    """Hash of the picture's pixels, so that copies are found; empty where it was not decoded."""


def counts(rows: Iterable[IndexRow]) -> str:
    """Return how many rows have each status, in words."""
    found = Counter(row.status for row in rows)
    return ", ".join(f"{n} {status}" for status, n in sorted(found.items())) or "nothing"


def summarize(rows: Sequence[IndexRow]) -> dict[str, object]:
    """Return the counts of an index: files by status, and patients and classes by split."""
    usable = [row for row in rows if row.status == OK]
    labels = format_named(rows[0].format).labels
    return {
        "format": rows[0].format,
        "split_by": rows[0].split_by,
        "files": dict(sorted(Counter(row.status for row in rows).items())),
        "splits": {
            split: {
                "patients": len({row.patient_id for row in usable if row.split == split}),
                labels[0]: sum(row.split == split and row.label == 0 for row in usable),
                labels[1]: sum(row.split == split and row.label == 1 for row in usable),
            }
            for split in sorted({row.split for row in usable})
        },
    }


def write_index(rows: Sequence[IndexRow], path: Path) -> None:
    """Write an index as CSV, whole or not at all."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows([getattr(row, name) for name in _COLUMNS] for row in rows)
    write_text(path, text.getvalue())


def read_index(path: Path) -> list[IndexRow]:
    """Read an index that write_index wrote; one of before formats were told holds IDC patches, split by patient."""
    try:
        with path.open(newline="") as handle:
            lines = csv.reader(handle)
            columns = next(lines, [])
            if columns not in (_COLUMNS, _FIRST_COLUMNS):
                raise ValueError(f"columns {', '.join(columns) or 'none'}")
            rows = [_row(line, len(columns)) for line in lines]
    except OSError as error:
        raise BadInput(
            f"expected an index at {path} ({error.strerror}); make one: python -m train index DIR"
        ) from error
    except (ValueError, csv.Error) as error:
        raise BadInput(f"{path} is no index ({error}); make one: python -m train index DIR --out {path}") from error
    if columns == _FIRST_COLUMNS:
        log.info("%s does not tell its format: taken as IDC patches split by patient; index again to record it", path)
    for name in ("format", "split_by"):
        found = sorted({getattr(row, name) for row in rows})
        if len(found) > 1:
            raise BadInput(f"{path}: expected one {name} in an index, found {', '.join(found)}; index each by itself")
    return rows


def _row(line: list[str], columns: int) -> IndexRow:
    if len(line) != columns:
        raise ValueError(f"a row of {len(line)} values")
    path, patient, group, x, y, label, *rest = line
    return IndexRow(path, patient, group, int(x), int(y), int(label), *rest)


_COLUMNS = [field.name for field in dataclasses.fields(IndexRow)]
_FIRST_COLUMNS = _COLUMNS[: _COLUMNS.index("format")]
log = logging.getLogger(__name__)
