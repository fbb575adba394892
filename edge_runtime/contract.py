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
BALANCED, SENSITIVITY = "balanced_accuracy", "sensitivity"
"""Operating points: the best balanced accuracy; a wanted sensitivity, whose name goes on with its percent."""
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
class PenGate:
    """Pen, ink and dirt absorb as no stained tissue does, or smoothly; optical densities are base e.

    Haematoxylin and eosin absorb green most, so red + blue stays near `green_ratio` times green or below. Blue, green,
    black and brown ink, dust and the edge of a cover slip absorb red or blue beside it. Red ink is coloured like eosin:
    it is known where it is thicker than blood, and by its smoothness where it lies over glass.
    """

    green_ratio: float
    """A pixel is ink when its density in red + blue exceeds this times that in green by `min_excess`."""
    min_excess: float
    """See green_ratio; above 0, so that a lamp that is a little dim or tinted makes no ink."""
    red_excess: float
    """A pixel is ink, too, when its density in green exceeds that in red by this: more than in blood."""
    max_ink_share: float
    """A tile is refused when more than this share of its pixels is ink, 0..1; less is left to the network."""
    min_roughness: float
    """A tile is refused when its mean difference in density between neighbours in a row is below this share of its
    mean density: what is stained has a texture. Depends on the scale, as the rest does not; 0 is off."""

    def __post_init__(self) -> None:
        above_0 = (self.green_ratio, self.min_excess, self.red_excess, self.max_ink_share)
        if not all(math.isfinite(value) and value > 0 for value in above_0) or self.max_ink_share > 1:
            raise BadModelFile(f"expected a pen gate of numbers above 0 and a share of at most 1, found {self}")
        if not 0 <= self.min_roughness < 1:
            raise BadModelFile(f"expected a pen gate with a roughness from 0 to 1, found {self.min_roughness}")


@dataclass(frozen=True)
class StainProfile:
    """How the training slides are stained, so that a foreign stain can be told; each slide counts once.

    All colours are R, G, B; densities are optical, base e, over the pixels that are at least `min_density` dense.
    """

    min_density: float
    """From which density, mean of the three channels, a pixel counts as tissue."""
    slides: int
    """How many slides were measured."""
    density: tuple[float, float, float]
    """Mean density of a slide's tissue: the mean over slides."""
    density_low: tuple[float, float, float]
    """1st percentile over slides of a slide's mean density."""
    density_high: tuple[float, float, float]
    """99th percentile over slides of a slide's mean density."""
    deviation: tuple[float, float, float]
    """Standard deviation of density between the pixels of a slide's tissue: the mean over slides."""
    deviation_low: tuple[float, float, float]
    """1st percentile over slides of that deviation."""
    deviation_high: tuple[float, float, float]
    """99th percentile over slides of that deviation."""
    hematoxylin: tuple[float, float, float]
    """Density of haematoxylin by itself, unit length: mean direction over slides (Macenko et al. 2009)."""
    eosin: tuple[float, float, float]
    """Density of eosin by itself, unit length: mean direction over slides (Macenko et al. 2009)."""
    hematoxylin_angle: float
    """99th percentile over slides of the angle between a slide's haematoxylin and the mean, degrees."""
    eosin_angle: float
    """99th percentile over slides of the angle between a slide's eosin and the mean, degrees."""

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            numbers = value if isinstance(value, tuple) else (value,)
            if len(numbers) not in (1, 3) or not all(math.isfinite(number) and number >= 0 for number in numbers):
                raise BadModelFile(f"expected a stain profile of finite numbers of at least 0, found {name} {value}")
        if not (self.slides > 0 and self.min_density > 0):
            raise BadModelFile(f"expected a stain profile of at least one slide and a density above 0, found {self}")


@dataclass(frozen=True)
class StainNormalization:
    """How far a slide's stain balance is moved towards that of the training slides before the network sees it."""

    reference: tuple[float, float, float]
    """Mean optical density (base e) of tissue in R, G, B, over the training slides."""
    strength: float
    """0 leaves a slide as it is, 1 moves its balance all the way."""
    min_density: float
    """From which mean optical density of its three channels a pixel counts as tissue."""
    slide_prior_tiles: float
    """A whole slide, or a random sample of one, is moved by tiles / (tiles + this); tiles full of tissue."""
    session_prior_tiles: float
    """The same for fields that arrive one by one: neighbouring tiles say less of a slide than scattered ones."""

    def __post_init__(self) -> None:
        numbers = (*self.reference, self.min_density, self.slide_prior_tiles, self.session_prior_tiles)
        if len(self.reference) != 3 or not all(math.isfinite(n) and n > 0 for n in numbers):
            raise BadModelFile(f"expected a stain normalization of finite numbers above 0, found {self}")
        if not 0 <= self.strength <= 1:
            raise BadModelFile(f"expected a stain normalization strength from 0 to 1, found {self.strength}")


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
        return Contract(
            **{
                **values,
                "labels": tuple(values["labels"]),
                "tile": _mode(values["tile"]),
                "tissue_gate": TissueGate(**values["tissue_gate"]),
                "context": _context(values.get("context")),
                "stain_normalization": stain_normalization_of(values.get("stain_normalization")),
                "pen_gate": _pen_gate(values.get("pen_gate")),
                "stain_profile": _stain_profile(values.get("stain_profile")),
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


def stain_normalization_of(values: Mapping[str, Any] | None) -> StainNormalization | None:
    """Return a stain normalization from plain values, as JSON holds them; None for None."""
    if values is None:
        return None
    return StainNormalization(**{**values, "reference": tuple(values["reference"])})


def _pen_gate(values: Mapping[str, Any] | None) -> PenGate | None:
    return None if values is None else PenGate(**values)


def _stain_profile(values: Mapping[str, Any] | None) -> StainProfile | None:
    if values is None:
        return None
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    return StainProfile(**fields)


def _mode(values: Mapping[str, Any]) -> Mode:
    points = {name: OperatingPoint(**point) for name, point in values["operating_points"].items()}
    return Mode(points, Calibration(**values["calibration"]))
