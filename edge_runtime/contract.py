"""What a model file promises: the one place for scale, tile size, normalization, labels, thresholds and versions."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import BadInput, BadModelFile

CONTRACT_VERSION = 2
READABLE_VERSIONS = (1, 2)
"""Version 1 had tile mode and the tissue gate alone; such files still serve."""
BALANCED, SENSITIVITY95 = "balanced_accuracy", "sensitivity95"
TILE, CONTEXT = "tile", "context"
"""Modes: a tile by itself, a tile in the light of its neighbours."""


@dataclass(frozen=True)
class OperatingPoint:
    """A threshold, chosen on validation patients with the very graph that ships."""

    threshold_logit: float
    """A tile whose logit is at or above it is called the last label."""
    chosen_for: str
    """What it was chosen for, in words."""
    val_sensitivity: float
    """Share of carcinoma tiles called so on the validation patients, 0..1."""
    val_specificity: float
    """Share of other tiles called so on the validation patients, 0..1."""


@dataclass(frozen=True)
class Calibration:
    """Platt's scale and bias, fitted on validation patients: probability = sigmoid(scale * logit + bias)."""

    scale: float = 1.0
    """Above 0, so that probability keeps the order of the logit."""
    bias: float = 0.0
    """In logits."""

    def probability(self, logits: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the calibrated probabilities, 0..1, of logits of any shape."""
        return np.asarray(1 / (1 + np.exp(-(self.scale * logits + self.bias))), np.float32)

    def __post_init__(self) -> None:
        if not (self.scale > 0 and math.isfinite(self.scale) and math.isfinite(self.bias)):
            raise BadModelFile(f"expected a calibration scale above 0 and a finite bias, found {self}")


@dataclass(frozen=True)
class Mode:
    """How the logits of one mode (a tile by itself, a tile in context) become label and probability."""

    operating_points: Mapping[str, OperatingPoint]
    """By name; the first is the default."""
    calibration: Calibration = field(default_factory=Calibration)
    """Of this mode's own logits."""

    def __post_init__(self) -> None:
        if not self.operating_points:
            raise BadModelFile("expected at least one operating point, found none")


@dataclass(frozen=True)
class Context:
    """The context stage: each tile's logit becomes a weighted mean of the logits of the tiles around it.

    Weights of missing neighbours are left out and the rest is normalized, so an isolated tile keeps its own logit.
    """

    kernel: tuple[tuple[float, ...], ...]
    """Square, odd side: weights of the neighbours, a grid step apart, rows from the top; the tile's own in the middle.
    Not negative; only their proportions matter."""
    mode: Mode
    """Thresholds and calibration of the logits of tiles that have all their neighbours. Between none (tile mode) and
    all, they are blended by the share of the neighbours' weight that is there."""
    chosen_by: str = ""
    """How the kernel was chosen, in words."""

    def __post_init__(self) -> None:
        side = len(self.kernel)
        weights = [weight for row in self.kernel for weight in row]
        if side % 2 == 0 or any(len(row) != side for row in self.kernel):
            raise BadModelFile(f"expected a square context kernel with an odd side, found rows {self.kernel}")
        if not all(math.isfinite(weight) and weight >= 0 for weight in weights):
            raise BadModelFile(f"expected context weights that are finite and not negative, found {self.kernel}")
        own = self.kernel[side // 2][side // 2]
        if own <= 0 or sum(weights) <= own:
            raise BadModelFile("expected a context kernel with weight on the tile itself and on a neighbour")


@dataclass(frozen=True)
class TissueGate:
    """Glass is flat and pale, fat is tissue. A tile is glass when both hold; densities are optical, base e."""

    max_mean_density: float
    """The tile's mean optical density is below this: it is pale."""
    max_stained_share: float
    """The share of its pixels that are clearly stained is below this: it is flat, but for specks of dirt."""
    stained_density: float
    """From which optical density a pixel counts as stained."""


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

    @property
    def tile_um(self) -> float:
        """Side of a tile, µm."""
        return self.tile_px * self.um_per_px

    def operating_point(self, name: str | None = None) -> tuple[str, OperatingPoint]:
        """Return the named operating point of tile mode, or the default; refuses an unknown name."""
        points = self.tile.operating_points
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
        return Contract(
            **{
                **values,
                "labels": tuple(values["labels"]),
                "tile": _mode(values["tile"]),
                "tissue_gate": TissueGate(**values["tissue_gate"]),
                "context": _context(values.get("context")),
            }
        )
    except BadModelFile:
        raise
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadModelFile(f"the contract in the model file cannot be used ({error}); copy the file again") from error


def _context(values: Mapping[str, Any] | None) -> Context | None:
    if values is None:
        return None
    kernel = tuple(tuple(float(weight) for weight in row) for row in values["kernel"])
    return Context(kernel, _mode(values["mode"]), values.get("chosen_by", ""))


def _mode(values: Mapping[str, Any]) -> Mode:
    points = {name: OperatingPoint(**point) for name, point in values["operating_points"].items()}
    return Mode(points, Calibration(**values["calibration"]))
