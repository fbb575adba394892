"""A calibration as a file: JSON that carries the hash of what is in it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from edge_runtime.atomic import write_text
from edge_runtime.errors import BadInput
from edge_runtime.from_json import from_json
from edge_runtime.scale import check_um_per_px

from .age import AGAIN
from .calibration import CALIBRATION_VERSION, Calibration, content_hash
from .instrument import STATED, Scale

_SHORT_LIST = re.compile(r"\[\s+[-+.\deE,\s]+\]")
"""A list of numbers in indented JSON; it is written on one line."""


def write_calibration(path: Path, calibration: Calibration) -> None:
    """Write a calibration file, whole or not at all."""
    values = {"sha256": calibration.sha256, **calibration.content()}
    text = json.dumps(values, indent=1, ensure_ascii=False, allow_nan=False)
    write_text(path, _SHORT_LIST.sub(lambda found: " ".join(found[0].split()), text) + "\n")


def read_calibration(path: Path) -> Calibration:
    """Read a calibration file; raises BadInput where it is none, was changed, or is of a layout not known here."""
    values = _values(path)
    version = values.get("calibration_version")
    if version == 1:
        return Calibration(
            Scale(check_um_per_px(values.get("um_per_px")), STATED), name=path.stem, calibration_version=1
        )
    if version != CALIBRATION_VERSION:
        raise BadInput(f"{path}: expected calibration_version {CALIBRATION_VERSION} (or 1), found {version!r}; {AGAIN}")
    said = values.pop("sha256", None)
    found = content_hash(values)
    if said != found:
        raise BadInput(
            f"{path}: expected the content that its sha256 {str(said)[:12]} is of, found {found[:12]}: the file is "
            f"damaged or was edited; {AGAIN}"
        )
    try:
        return from_json(Calibration, values)
    except ValueError as error:
        raise BadInput(f"{path} is no calibration file that can be used ({error}); {AGAIN}") from error


def _values(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput(f"expected a calibration file at {path}: {error.strerror}; {AGAIN}") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no calibration file ({error}); {AGAIN}") from error
    if not isinstance(values, dict) or "calibration_version" not in values:
        raise BadInput(f"{path} is no calibration file: expected JSON with calibration_version; {AGAIN}")
    return values
