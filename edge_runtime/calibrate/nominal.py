"""Scale from what is engraved and printed: objective, tube, relay, sensor."""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge_runtime.errors import BadInput

NOMINAL_UNCERTAINTY = 0.05
"""Makers keep a magnification to about 5 %; a tube length read off a stand is no better."""


@dataclass(frozen=True)
class Sensor:
    """A camera's sensor."""

    pixel_um: float
    """Width of a pixel, µm."""
    size_px: tuple[int, int]
    """(height, width) of the whole sensor, px."""


SENSORS: dict[str, Sensor] = {
    "imx219": Sensor(1.12, (2464, 3280)),
    "imx290": Sensor(2.9, (1080, 1920)),
    "imx296": Sensor(3.45, (1088, 1456)),
    "imx477": Sensor(1.55, (3040, 4056)),
    "imx500": Sensor(1.55, (3040, 4056)),
    "imx519": Sensor(1.22, (3496, 4656)),
    "imx708": Sensor(1.4, (2592, 4608)),
    "ov5647": Sensor(1.4, (1944, 2592)),
}
"""By the makers' data sheets. imx477: Pi HQ; imx219: Pi camera 2; imx708: 3; imx296: Global Shutter; ov5647: 1."""


@dataclass(frozen=True)
class Optics:
    """What lies between the tissue and the picture."""

    objective: float
    """Magnification engraved on the objective."""
    sensor_px_um: float
    """Width of a sensor's pixel, µm."""
    tube_mm: float | None = None
    """Of this stand: focal length of its tube lens, or its tube length; None: the one the objective was made for."""
    objective_tube_mm: float | None = None
    """That the objective was made for: 160 (finite), 180 (Olympus), 200 (Nikon, Leica, Mitutoyo), 165 (Zeiss)."""
    relay: float = 1.0
    """Magnification of a lens before the camera: 0.5 for a 0.5x adapter."""
    reduction: float = 1.0
    """How many pixels of the sensor, a side, one pixel of the frame covers: binning times the processor's scaling."""

    def __post_init__(self) -> None:
        limits = {
            "objective": (0.1, 200.0),
            "sensor_px_um": (0.3, 50.0),
            "tube_mm": (10.0, 1000.0),
            "objective_tube_mm": (10.0, 1000.0),
            "relay": (0.05, 20.0),
            "reduction": (0.1, 64.0),
        }
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and low <= value <= high):
                raise BadInput(f"expected {name.replace('_', '-')} from {low:g} to {high:g}, found {value:g}")
        if (self.tube_mm is None) != (self.objective_tube_mm is None):
            raise BadInput(
                "expected both tube lengths or neither: --tube-mm of this stand, and --objective-tube-mm that the "
                "objective was made for (160, or 165, 180, 200 for objectives engraved with an infinity sign)"
            )

    @property
    def magnification(self) -> float:
        """From the tissue to the sensor."""
        tube = self.tube_mm / self.objective_tube_mm if self.tube_mm and self.objective_tube_mm else 1.0
        return self.objective * tube * self.relay

    @property
    def um_per_px(self) -> float:
        """µm of tissue that a pixel of the frame covers."""
        return self.sensor_px_um * self.reduction / self.magnification


def find_sensor(name: str) -> Sensor:
    """Return a sensor by its name; raises BadInput for an unknown one."""
    if name.lower() not in SENSORS:
        raise BadInput(
            f"expected one of the sensors {', '.join(sorted(SENSORS))}, found {name!r}; give --sensor-px-um instead"
        )
    return SENSORS[name.lower()]


def reduction_of(shown_px: tuple[int, int], frame_px: tuple[int, int]) -> float:
    """Return how many sensor pixels a frame's pixel covers, a side; both are (height, width), px.

    `shown_px` is the part of the sensor that the frame shows. Raises BadInput where the two differ in shape.
    """
    down, across = shown_px[0] / frame_px[0], shown_px[1] / frame_px[1]
    if not math.isclose(down, across, rel_tol=0.02):
        raise BadInput(
            f"expected a frame of the shape of the sensor's part it shows ({shown_px[1]}x{shown_px[0]} px), found "
            f"{frame_px[1]}x{frame_px[0]}: pixels would not be square; give that part with --sensor-crop WIDTHxHEIGHT"
        )
    return across
