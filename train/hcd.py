"""Read a folder of Kaggle's Histopathologic Cancer Detection: 96x96 px pictures named by id, labels in a CSV."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edge_runtime.errors import BadInput
from edge_runtime.patches import is_picture_name, walk_files

from .copies import look_at
from .formats import HCD
from .patch_index import BY_PATIENT, BY_PICTURE, DUPLICATE, OK, STRAY, UNGROUPED, IndexRow, counts

LABELS_CSV = "train_labels.csv"
LABELS_FILES = (LABELS_CSV, f"{LABELS_CSV}.zip", "train_labels.zip")
"""The labels, as Kaggle gives them: plain, or zipped."""
_GROUP_COLUMNS = ("group", "wsi", "patient_id")
_NAMED = 8


def labels_file(root: Path) -> Path | None:
    """Return the file of labels in a folder, plain before zipped, or None."""
    return next((root / name for name in LABELS_FILES if (root / name).is_file()), None)


def read_labelled(root: Path, groups: Path | None = None, each: Callable[[], object] = lambda: None) -> list[IndexRow]:
    """Index the pictures below `root/train` (or `root`) with the labels of `root/train_labels.csv`.

    `groups` is a CSV of id and slide (`group`, `wsi` or `patient_id`); without it no patient is known, and every
    picture is a group of its own. Refuses labels that do not fit the pictures one to one.
    """
    found = labels_file(root)
    if found is None:
        raise BadInput(f"expected {' or '.join(LABELS_FILES)} in {root}, found none; give the folder that holds it")
    labels = read_labels(found)
    slides = read_groups(groups) if groups else None
    folder = root / "train" if (root / "train").is_dir() else root
    pictures = {path: path.stem for path in walk_files(folder) if is_picture_name(path)}
    if not pictures:
        raise BadInput(
            f"expected pictures of 96x96 px named by id (<id>.tif) in {folder}, found none; unpack them there"
        )
    _refuse("labels", "have no picture", set(labels) - set(pictures.values()), found, f"unpack all of them in {folder}")
    _refuse("pictures", "have no label", set(pictures.values()) - set(labels), found, "take them out, or label them")
    first: dict[str, Path] = {}
    for path, name in pictures.items():
        first.setdefault(name, path)

    split_by = BY_PICTURE if slides is None else BY_PATIENT

    def describe(path: Path) -> IndexRow:
        each()
        where, name = str(path.resolve()), pictures.get(path)
        if name is None:
            return IndexRow(where, status=STRAY, format=HCD.name, split_by=split_by)
        slide = name if slides is None else slides.get(name, "")
        status, content = (DUPLICATE, "") if first[name] != path else look_at(path, HCD.picture_px)
        if not slide and status == OK:
            status = UNGROUPED
        return IndexRow(where, slide, slide, -1, -1, labels[name], "", status, HCD.name, split_by, content)

    with ThreadPoolExecutor() as pool:
        rows = list(pool.map(describe, walk_files(folder)))
    if not any(row.status == OK for row in rows):
        raise BadInput(f"expected pictures of 96x96 px in {folder}, found {counts(rows)}")
    return rows


def read_labels(path: Path) -> dict[str, int]:
    """Return the labels of `train_labels.csv`, plain or zipped: 0 or 1 by id."""
    labels = _by_id(path, _rows(path), ("label",))
    wrong = sorted(name for name, label in labels.items() if label not in ("0", "1"))
    if wrong:
        raise BadInput(
            f"{path}: expected the labels 0 and 1, found {labels[wrong[0]]!r} for {_some(wrong)}; mend these rows"
        )
    return {name: int(label) for name, label in labels.items()}


def read_groups(path: Path) -> dict[str, str]:
    """Return the slide of each picture by id, from a CSV with the columns id and `group`, `wsi` or `patient_id`."""
    return _by_id(path, _rows(path), _GROUP_COLUMNS)


def _by_id(path: Path, rows: Iterable[Mapping[str, str]], columns: tuple[str, ...]) -> dict[str, str]:
    values: dict[str, str] = {}
    twice = []
    for row in rows:
        column = next((name for name in columns if row.get(name) is not None), None)
        name = row.get("id")
        if column is None or not name:
            raise BadInput(
                f"{path}: expected the columns id and {' or '.join(columns)}, found {', '.join(map(str, row))}"
            )
        if values.setdefault(name, row[column].strip()) != row[column].strip():
            twice.append(name)
    if not values:
        raise BadInput(f"{path}: expected rows of id and {' or '.join(columns)}, found none")
    _refuse("ids", f"are listed twice with another {columns[0]}", set(twice), path, "keep one row of each")
    return values


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                inside = [name for name in archive.namelist() if Path(name).name == LABELS_CSV]
                if len(inside) != 1:
                    raise BadInput(
                        f"expected one {LABELS_CSV} in {path}, found {', '.join(archive.namelist()) or 'none'}"
                    )
                text = archive.read(inside[0]).decode("utf-8-sig")
        else:
            text = path.read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(text, newline="")))
    except (OSError, UnicodeDecodeError, csv.Error, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        raise BadInput(f"expected a CSV with the column id at {path}: {error}") from error


def _refuse(what: str, fault: str, ids: set[str], where: Path, advice: str) -> None:
    if ids:
        raise BadInput(f"{where}: {len(ids)} {what} {fault}: {_some(sorted(ids))}; {advice}")


def _some(ids: list[str]) -> str:
    return ", ".join(ids[:_NAMED]) + (" and more" if len(ids) > _NAMED else "")
