"""Read a folder of IDC patches into an index: a row a file, with what it is and whether it can be trained on."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.atomic import write_text
from edge_runtime.errors import BadInput, UnreadablePicture
from edge_runtime.patches import PatchName, folder_label, is_picture_name, parse_patch_name, walk_files
from edge_runtime.pictures import read_picture

OK, EDGE, UNREADABLE, DUPLICATE, CONTRADICTION, STRAY = (
    "ok",
    "edge",
    "unreadable",
    "duplicate",
    "contradicts_folder",
    "stray",
)
"""Only `ok` is trained and judged on: a readable 50x50 patch, once, whose name and folder agree."""


@dataclass(frozen=True)
class IndexRow:
    """One file of the archive; a stray file has a path and a status alone."""

    path: str
    """Absolute path of the file."""
    patient_id: str = ""
    """The slide's id."""
    group: str = ""
    """What must stay on one side of a split: the slide, or the specimen where its sections are known."""
    x: int = -1
    """Left edge, px of the slide."""
    y: int = -1
    """Top edge, px of the slide."""
    label: int = -1
    """0: no IDC annotated, 1: IDC."""
    split: str = ""
    """train, val or test."""
    status: str = OK
    """ok, edge, unreadable, duplicate, contradicts_folder or stray."""


def read_archive(root: Path, tile_px: int, each: Callable[[], object] = lambda: None) -> list[IndexRow]:
    """Index every file below `root` (a tree of patients, or a flat folder); `each` is called once a file."""
    if not root.is_dir():
        raise BadInput(f"expected a folder of IDC patches, found no folder at {root}")
    files = sorted(walk_files(root), key=lambda path: (len(path.parts), path))
    first_of_name: dict[str, Path] = {}
    for path in files:
        first_of_name.setdefault(path.name, path)

    def describe(path: Path) -> IndexRow:
        each()
        name = parse_patch_name(path)
        if name is None or not is_picture_name(path):
            return IndexRow(str(path.resolve()), status=STRAY)
        status = DUPLICATE if first_of_name[path.name] != path else _status(path, name, tile_px)
        return IndexRow(str(path.resolve()), name.patient_id, name.patient_id, name.x, name.y, name.label, "", status)

    with ThreadPoolExecutor() as pool:  # decoding releases the interpreter lock
        rows = list(pool.map(describe, files))
    if not any(row.status == OK for row in rows):
        raise BadInput(f"expected <patient>_idx5_x<X>_y<Y>_class<C>.png patches below {root}, found {counts(rows)}")
    return rows


def _status(path: Path, name: PatchName, tile_px: int) -> str:
    if folder_label(path) not in (None, name.label):
        return CONTRADICTION
    if folder_label(path) is not None and path.parent.parent.name != name.patient_id:
        return CONTRADICTION
    try:
        height, width, _ = read_picture(path).shape
    except UnreadablePicture:
        return UNREADABLE
    return OK if (height, width) == (tile_px, tile_px) else EDGE


def counts(rows: Iterable[IndexRow]) -> str:
    """Return how many rows have each status, in words."""
    found = Counter(row.status for row in rows)
    return ", ".join(f"{n} {status}" for status, n in sorted(found.items())) or "nothing"


def summarize(rows: Sequence[IndexRow]) -> dict[str, object]:
    """Return the counts of an index: files by status, and patients and classes by split."""
    usable = [row for row in rows if row.status == OK]
    return {
        "files": dict(sorted(Counter(row.status for row in rows).items())),
        "splits": {
            split: {
                "patients": len({row.patient_id for row in usable if row.split == split}),
                "no_idc": sum(row.split == split and row.label == 0 for row in usable),
                "idc": sum(row.split == split and row.label == 1 for row in usable),
            }
            for split in sorted({row.split for row in usable})
        },
    }


def write_index(rows: Sequence[IndexRow], path: Path) -> None:
    """Write an index as CSV, whole or not at all."""
    fields = [field.name for field in dataclasses.fields(IndexRow)]
    text = io.StringIO()
    writer = csv.DictWriter(text, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(dataclasses.asdict(row) for row in rows)
    write_text(path, text.getvalue())


def read_index(path: Path) -> list[IndexRow]:
    """Read an index that write_index wrote."""
    try:
        with path.open(newline="") as handle:
            reader = csv.DictReader(handle)
            rows = list(reader)
        if reader.fieldnames is None or "status" not in reader.fieldnames:
            raise KeyError("status")
        return [
            IndexRow(**{**row, "x": int(row["x"]), "y": int(row["y"]), "label": int(row["label"])})  # type: ignore[arg-type]
            for row in rows
        ]
    except OSError as error:
        raise BadInput(
            f"expected an index at {path} ({error.strerror}); make one: python -m train index DIR"
        ) from error
    except (KeyError, TypeError, ValueError, csv.Error) as error:
        raise BadInput(f"{path} is no index ({error!r}); make one: python -m train index DIR --out {path}") from error
