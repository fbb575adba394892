"""Read a folder of IDC patches: a tree of patients or a flat folder, with every quirk of the public archive."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from edge_runtime.errors import BadInput
from edge_runtime.patches import PatchName, folder_label, is_picture_name, parse_patch_name, walk_files

from .copies import look_at
from .patch_index import CONTRADICTION, DUPLICATE, OK, STRAY, IndexRow, counts


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
        status, content = OK, ""
        if first_of_name[path.name] != path:
            status = DUPLICATE
        elif _contradicts(path, name):
            status = CONTRADICTION
        else:
            status, content = look_at(path, tile_px)
        where = str(path.resolve()), name.patient_id, name.patient_id, name.x, name.y
        return IndexRow(*where, label=name.label, status=status, content=content)

    with ThreadPoolExecutor() as pool:  # decoding releases the interpreter lock
        rows = list(pool.map(describe, files))
    _refuse_a_foreign_folder(rows, root)
    return rows


def _contradicts(path: Path, name: PatchName) -> bool:
    stated = folder_label(path)
    return stated is not None and (stated != name.label or path.parent.parent.name != name.patient_id)


def _refuse_a_foreign_folder(rows: list[IndexRow], root: Path) -> None:
    torn = [row.path for row in rows if row.status == CONTRADICTION]
    usable = sum(row.status == OK for row in rows)
    if len(torn) > usable:
        raise BadInput(
            f"expected <patient>/<class>/<patient>_..._class<class>.png, found {len(torn)} patches in {root} whose "
            f"folder states another patient or class than their name ({', '.join(torn[:3])}), and {usable} that agree; "
            "one of the two is wrong throughout: mend it, or put the patches into one flat folder to go by the names"
        )
    if not usable:
        raise BadInput(f"expected <patient>_idx5_x<X>_y<Y>_class<C>.png patches below {root}, found {counts(rows)}")
