"""What is known of an instrument, as a file: today its scale."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from .errors import BadInput
from .scale import check_um_per_px

CALIBRATION_VERSION = 1


@dataclass(frozen=True)
class Calibration:
    """An instrument's own numbers."""

    um_per_px: float
    """µm of tissue that one pixel of the camera covers."""


def read_calibration(path: Path) -> Calibration:
    """Read a calibration file: JSON with `calibration_version` 1 and `um_per_px`."""
    try:
        values = json.loads(path.read_text())
        version, um_per_px = values["calibration_version"], values["um_per_px"]
    except OSError as error:
        raise BadInput(f"expected a calibration file at {path}: {error.strerror}") from error
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise BadInput(
            f"{path} is no calibration file ({error!r}); expected JSON such as "
            f'{{"calibration_version": {CALIBRATION_VERSION}, "um_per_px": 0.39}}'
        ) from error
    if version != CALIBRATION_VERSION:
        raise BadInput(
            f"{path}: expected calibration_version {CALIBRATION_VERSION}, found {version!r}; calibrate again"
        )
    return Calibration(check_um_per_px(um_per_px))
