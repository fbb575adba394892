"""Read the `key=value` options of a source; each complaint is one sentence that says what to write instead."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from pathlib import Path

from edge_runtime.errors import BadInput
from edge_runtime.picture_header import MAX_PIXELS

UM_PER_PX = "um_per_px"
"""The option that every camera knows."""


def check_keys(kind: str, options: Mapping[str, str], known: Collection[str]) -> None:
    """Raise BadInput for an option that this kind of camera does not have."""
    for key in options:
        if key not in known:
            raise BadInput(f"{kind}: has no option {key!r}; it knows {', '.join(sorted(known))}")


def existing_path(kind: str, path: str) -> Path:
    """Return a source's path, or raise BadInput where nothing is there."""
    if not path:
        raise BadInput(f"expected a path after {kind}:, found none; write {kind}:PATH")
    found = Path(path)
    if not exists(found):
        raise BadInput(f"{path}: no such file or folder; check the path (here is {Path.cwd()})")
    return found


def exists(path: Path) -> bool:
    """Tell whether something is at a path; False, too, for text that no file could be named."""
    try:
        return path.exists()
    except (OSError, ValueError):  # a name too long, or with a NUL in it
        return False


def read_int(options: Mapping[str, str], key: str, default: int, lowest: int) -> int:
    """Return a whole number from the options."""
    text = options.get(key, str(default))
    if not (re.fullmatch(r"[0-9]{1,12}", text) and int(text) >= lowest):
        raise BadInput(f"{key}: expected a whole number from {lowest} on, found {text!r}; write {key}={default}")
    return int(text)


def read_float(options: Mapping[str, str], key: str, default: float, lowest: float) -> float:
    """Return a finite number from the options."""
    text = options.get(key, str(default))
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= lowest):
        raise BadInput(f"{key}: expected a number from {lowest:g} on, found {text!r}; write {key}={default:g}")
    return value


def read_size(options: Mapping[str, str], key: str, default: tuple[int, int]) -> tuple[int, int]:
    """Return (height, width) from an option written WIDTHxHEIGHT, px."""
    example = f"{key}={default[1]}x{default[0]}"
    text = options.get(key, f"{default[1]}x{default[0]}")
    found = re.fullmatch(r"([1-9][0-9]{0,8})x([1-9][0-9]{0,8})", text)
    if found is None:
        raise BadInput(f"{key}: expected WIDTHxHEIGHT in px, found {text!r}; write {example}")
    width, height = int(found[1]), int(found[2])
    if width * height > MAX_PIXELS:
        raise BadInput(f"{key}: expected at most {MAX_PIXELS:,} px, found {text}; write {example}")
    return height, width
