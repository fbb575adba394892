"""What is known of an instrument, as a file: its scale, its lamp, its focus; hashed, dated, of one camera."""

from __future__ import annotations

from .age import GRACE, VALID_DAYS
from .calibration import CALIBRATION_VERSION, Calibration
from .file import read_calibration, write_calibration
from .instrument import MICROMETER, OPTICS, STATED, CameraId, Scale, objective_name

__all__ = [
    "CALIBRATION_VERSION",
    "GRACE",
    "MICROMETER",
    "OPTICS",
    "STATED",
    "VALID_DAYS",
    "Calibration",
    "CameraId",
    "Scale",
    "objective_name",
    "read_calibration",
    "write_calibration",
]
