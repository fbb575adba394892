"""Read the `key=value` options of a source; each complaint is one sentence that says what to write instead."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.errors import BadInput
from edge_runtime.picture_header import MAX_PIXELS

UM_PER_PX = "um_per_px"
"""The option that every camera knows."""


@dataclass(frozen=True)
class Asked:
    """What is asked of a camera beside its own options."""

    um_per_px: float | None = None
    """µm of tissue that one of its pixels covers (of its sensor, where it can scale itself); None: not said."""
    model_um_per_px: float | None = None
    """Scale that its pictures will be brought to, for a camera that can do that itself; None: not known."""


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


def read_positive(options: Mapping[str, str], key: str, example: float) -> float | None:
    """Return a finite number above 0 from the options, None where it is not among them."""
    return None if key not in options else _positive(options[key], key, f"{key}={example:g}")


def read_pair(options: Mapping[str, str], key: str, example: tuple[float, float]) -> tuple[float, float] | None:
    """Return two finite numbers above 0 from an option written A,B; None where it is not among them."""
    if key not in options:
        return None
    written = f"{key}={example[0]:g},{example[1]:g}"
    parts = options[key].split(",")
    if len(parts) != 2:
        raise BadInput(f"{key}: expected two numbers with a comma, found {options[key]!r}; write {written}")
    return _positive(parts[0], key, written), _positive(parts[1], key, written)


def read_choice(options: Mapping[str, str], key: str, default: str, known: Collection[str]) -> str:
    """Return one of a few words from the options."""
    text = options.get(key, default)
    if text not in known:
        raise BadInput(f"{key}: expected one of {', '.join(known)}, found {text!r}; write {key}={default}")
    return text


def _positive(text: str, key: str, written: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        raise BadInput(f"{key}: expected a number above 0, found {text!r}; write {written}")
    return value
