"""What the names and folders of the public IDC archive say: patient, place on the slide, class, scale."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

IDC_UM_PER_PX = 4.0
"""Scale of the public IDC patches: scanned at 40x (0.25 µm per px), reduced 16 times (Cruz-Roa 2014)."""

PATCH_PX = 50
"""Side of the public IDC patches, and the step of the grid they were cut on."""

NESTED_DUPLICATE = "IDC_regular_ps50_idx5"
"""The archive holds itself a second time in a folder of this name."""

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"})

_NAME = re.compile(r"^(?P<patient>[A-Za-z0-9-]+)_idx(?P<index>\d+)_x(?P<x>\d+)_y(?P<y>\d+)_class(?P<label>[01])\.\w+$")


@dataclass(frozen=True)
class PatchName:
    """What `<patient>_idx5_x<X>_y<Y>_class<C>.png` says."""

    patient_id: str
    """The slide's id (an id is a slide, not a person)."""
    x: int
    """Left edge, px of the slide at 4 µm per px."""
    y: int
    """Top edge, px of the slide at 4 µm per px."""
    label: int
    """0: no IDC annotated, 1: IDC."""


def parse_patch_name(path: Path) -> PatchName | None:
    """Return what an IDC patch's file name says, or None for any other name."""
    found = _NAME.match(path.name)
    if found is None:
        return None
    return PatchName(found["patient"], int(found["x"]), int(found["y"]), int(found["label"]))


def folder_label(path: Path) -> int | None:
    """Return the class that the folder of a patch states (`<patient>/<0|1>/name`), or None in a flat folder."""
    return int(path.parent.name) if path.parent.name in ("0", "1") else None


def is_picture_name(path: Path) -> bool:
    """Tell whether a name ends like a picture that we decode."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def walk_files(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder, in a stable order, following no links to folders."""
    for where, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            yield Path(where, name)


def is_nested_duplicate(path: Path, root: Path) -> bool:
    """Tell whether a file lies in the archive's second copy of itself below `root`."""
    return NESTED_DUPLICATE in path.relative_to(root).parts[:-1]
