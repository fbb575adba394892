"""Which camera and objective a calibration is of, and the scale that they give."""

from __future__ import annotations

from dataclasses import dataclass

from edge_runtime.scale import check_um_per_px

MICROMETER, OPTICS, STATED = "micrometer", "optics", "stated"
"""How a scale was found: measured; reckoned from objective, tube and sensor; said by a person."""


@dataclass(frozen=True)
class CameraId:
    """Which camera a calibration is of. A scale and a flat field hold for one resolution."""

    kind: str
    """pi, usb, stream, synthetic; `files` for pictures, folders, slides and videos."""
    name: str
    """What tells it from others of its kind: device, address, model; may be empty."""
    width_px: int
    """Of its frames."""
    height_px: int
    """Of its frames."""

    def __post_init__(self) -> None:
        if not (self.kind and self.width_px > 0 and self.height_px > 0):
            raise ValueError(f"expected a camera with a kind and a resolution, found {self}")

    def __str__(self) -> str:
        return f"{self.kind}:{self.name} at {self.width_px}x{self.height_px} px"


@dataclass(frozen=True)
class Scale:
    """How many µm a pixel covers, and how that is known."""

    um_per_px: float
    """At the resolution of the camera's frames."""
    method: str
    """micrometer, optics, or stated."""
    uncertainty: float | None = None
    """Standard error, µm per px; None: not known."""
    made_at: str = ""
    """When, ISO 8601, UTC."""
    how: str = ""
    """In words: how many lines, which optics."""

    def __post_init__(self) -> None:
        check_um_per_px(self.um_per_px)
        if self.method not in (MICROMETER, OPTICS, STATED):
            raise ValueError(f"expected a scale that is from {MICROMETER}, {OPTICS} or {STATED}, found {self.method!r}")


def objective_name(text: str) -> str:
    """Return an objective as it is compared: 4, 4X and 4.0x are 4x; any other name is taken as it is."""
    bare = text.strip().lower().removesuffix("x").strip()
    try:
        return f"{float(bare):g}x"
    except ValueError:
        return text.strip().lower()
