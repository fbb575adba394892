"""The contract as a whole, and how it lies in the model file."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from edge_runtime.errors import BadInput, BadModelFile
from edge_runtime.from_json import from_json

from .gates import DarkGate, FocusGate, MotionGate, PenGate, SaturationGate, StainGate, TissueGate
from .modes import CONTEXT, TILE, Context, Mode, OperatingPoint
from .stain import StainNormalization, StainProfile

CONTRACT_VERSION = 3
READABLE_VERSIONS = (1, 2, 3)
"""Version 1 had tile mode and the tissue gate alone, version 2 the gates for glass and pen; such files still serve."""


@dataclass(frozen=True)
class Contract:
    """Everything that whoever runs a model must know, and nothing that the flatbuffer says itself."""

    name: str
    """The network's name, as in the file name."""
    version: str
    """Of this model; changes with every new set of weights."""
    task: str
    """What it tells apart, in which tissue and stain."""
    tile_px: int
    """Side of the square input, px."""
    um_per_px: float
    """Scale that a frame is resampled to before it is cut into tiles."""
    labels: tuple[str, ...]
    """Negative, positive."""
    tile: Mode
    """Thresholds and calibration of isolated tiles."""
    tissue_gate: TissueGate
    """When a tile is called `no_tissue`."""
    colour_order: str = "RGB"
    """Of the input's last axis."""
    pixel_scale: float = 1 / 255
    """The network's input is pixel * pixel_scale + pixel_offset, then quantized by the input tensor's own numbers."""
    pixel_offset: float = 0.0
    """See pixel_scale."""
    output: str = "logit"
    """What the network's one output is, dequantized."""
    graph_dtype: str = "int8"
    """int8 for a model that ships, float32 for its parent."""
    context: Context | None = None
    """How a tile is judged among its neighbours; None: every tile by itself."""
    stain_normalization: StainNormalization | None = None
    """What is done to a slide's colours before the network; None: nothing."""
    pen_gate: PenGate | None = None
    """When a tile is called `pen_or_dirt`; None: never."""
    focus_gate: FocusGate | None = None
    """When a tile is called `out_of_focus`; None: never."""
    dark_gate: DarkGate | None = None
    """When a tile or view is called `too_dark`; None: never."""
    saturation_gate: SaturationGate | None = None
    """When a tile is called `saturated`; None: never."""
    stain_gate: StainGate | None = None
    """When a tile or view is called `foreign_stain`; None: never."""
    motion_gate: MotionGate | None = None
    """When a frame is called `moving`; None: never."""
    stain_profile: StainProfile | None = None
    """How the training slides are stained; None: not measured."""
    training: Mapping[str, Any] = field(default_factory=dict)
    """Provenance: recipe, seed, data hash, patients, versions."""
    contract_version: int = CONTRACT_VERSION
    """Of this layout."""

    def __post_init__(self) -> None:
        expected = {"colour_order": "RGB", "output": "logit"}
        for key, value in expected.items():
            if getattr(self, key) != value:
                raise BadModelFile(f"expected a contract with {key} {value!r}, found {getattr(self, key)!r}")
        if self.graph_dtype not in ("int8", "float32"):
            raise BadModelFile(f"expected a contract of an int8 or float32 graph, found {self.graph_dtype!r}")
        if not (self.tile_px > 0 and self.um_per_px > 0 and math.isfinite(self.um_per_px) and len(self.labels) == 2):
            raise BadModelFile(f"expected tile_px and um_per_px above 0 and two labels, found {self}")
        points = [list(self.mode(name).operating_points) for name in (TILE, CONTEXT)]
        if points[0] != points[1]:
            raise BadModelFile(f"expected the operating points of tile mode in context mode too, found {points}")

    @property
    def tile_um(self) -> float:
        """Side of a tile, µm."""
        return self.tile_px * self.um_per_px

    def mode(self, name: str) -> Mode:
        """Return thresholds and calibration of `tile` or `context`; those of `tile` for both without such a stage."""
        return self.context.mode if name == CONTEXT and self.context is not None else self.tile

    def operating_point(self, name: str | None = None, mode: str = TILE) -> tuple[str, OperatingPoint]:
        """Return the named operating point of a mode, or the default; refuses an unknown name."""
        points = self.mode(mode).operating_points
        chosen = next(iter(points)) if name is None else name
        if chosen not in points:
            raise BadInput(f"expected an operating point of this model ({', '.join(points)}), found {chosen!r}")
        return chosen, points[chosen]

    def to_json(self) -> str:
        """Return the contract as it lies in the model file."""
        return json.dumps(dataclasses.asdict(self), indent=2, allow_nan=False) + "\n"


def contract_from_json(text: str) -> Contract:
    """Read a contract; raises BadModelFile where a field is missing, unknown or of another type."""
    try:
        values = json.loads(text)
        version = values.get("contract_version")
        if version not in READABLE_VERSIONS:
            raise BadModelFile(
                f"expected contract_version {READABLE_VERSIONS}, found {version!r}; update cancernet-edge"
            )
        return from_json(Contract, values)
    except BadModelFile:
        raise
    except (AttributeError, ValueError) as error:
        raise BadModelFile(f"the contract in the model file cannot be used ({error}); copy the file again") from error
