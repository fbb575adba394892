"""Tell by what lies in a folder which data format it is."""

from __future__ import annotations

from pathlib import Path

from edge_runtime.errors import BadInput
from edge_runtime.patches import parse_patch_name, walk_files

from .formats import HCD, IDC
from .hcd import LABELS_CSV, LABELS_FILES


def detect_format(root: Path) -> str:
    """Return the format of a folder by what lies in it: names of IDC patches, or a CSV of HCD labels; never both."""
    if not root.is_dir():
        raise BadInput(f"expected a folder of pictures, found no folder at {root}")
    patch = labels = None
    for path in walk_files(root):
        if labels is None and path.name in LABELS_FILES:
            labels = path
        if patch is None and parse_patch_name(path) is not None:
            patch = path
        if patch and labels:
            raise BadInput(
                f"{root} holds both IDC patches ({patch}) and HCD labels ({labels}), of another tissue and scale: "
                "they never go into one index; give the folder of one, or say --format idc or hcd"
            )
    if labels is not None and labels.parent != root:
        raise BadInput(f"expected {LABELS_CSV} in {root}, found it deeper: give the folder {labels.parent}")
    if patch is None and labels is None:
        raise BadInput(
            f"expected <patient>_idx5_x<X>_y<Y>_class<C>.png patches (IDC) below {root}, or {LABELS_CSV} in it beside "
            "train/<id>.tif (HCD), found neither"
        )
    return IDC.name if patch is not None else HCD.name
