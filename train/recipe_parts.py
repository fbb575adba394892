"""The parts of a recipe: how tiles are varied, how a network is taught and tuned, what its neighbours weigh."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edge_runtime.errors import BadInput

QAT, PTQ = "qat", "ptq"
"""How a network becomes int8: fine-tuned with quantization in the loop; calibrated after training."""

Kernel = tuple[tuple[float, ...], ...]
"""Weights of a square neighbourhood, row by row; not normalized."""


@dataclass(frozen=True)
class Augmentation:
    """How far a tile may be varied; 0 switches a part off. Every part is drawn for each tile anew, evenly.

    Which parts help on tissue of another laboratory: Tellez 2019, doi 10.1016/j.media.2019.101544.
    """

    dihedral: bool = True
    """Turn and mirror: a slide has no upright (Veeling 2018, arXiv 1806.03962)."""
    stain_scale: float = 0.15
    """Each stain's density is multiplied by 1 +- this (Ruifrok & Johnston 2001; Tellez 2018, arXiv 1808.05896)."""
    stain_shift: float = 0.05
    """And shifted by +- this, in optical density (as stain_scale)."""
    brightness: float = 0.1
    """The lamp is multiplied by 1 +- this."""
    zoom: float = 0.0
    """The tile is enlarged or reduced by up to 1 + this, its middle kept; scale is part of the model: keep it small."""
    shift: float = 0.0
    """The tile is moved by +- this many px, down and across; what comes in is mirrored tissue."""
    rotation: float = 0.0
    """The tile is turned by +- this many degrees about its middle; 180: any way."""
    blur: float = 0.0
    """Defocus: a Gaussian of a sigma between 0 and this, px (Tellez 2019)."""
    jpeg: int = 0
    """A camera's compression, of a quality between this (1..100) and 100 (ITU-T T.81, tables of its Annex K)."""
    white_balance: float = 0.0
    """Red, green and blue are each multiplied by 1 +- this, as a camera's gains are off."""
    mixup: float = 0.0
    """Share of the tiles into which another is blended, target and weight too (Zhang 2018, arXiv 1710.09412)."""

    def __post_init__(self) -> None:
        require(
            self,
            "recipe [augmentation]",
            stain_scale=(0.0, 0.9),
            stain_shift=(0.0, 1.0),
            brightness=(0.0, 0.9),
            zoom=(0.0, 1.0),
            shift=(0.0, 25.0),
            rotation=(0.0, 180.0),
            blur=(0.0, 10.0),
            jpeg=(0, 100),
            white_balance=(0.0, 0.9),
            mixup=(0.0, 1.0),
        )


@dataclass(frozen=True)
class FineTune:
    """Fine-tuning with quantization in the loop."""

    epochs: int = 4
    """Passes over the training tiles; 0: none, the finished network is calibrated on training tiles instead."""
    learning_rate: float = 2e-4
    """The optimizer's, at its height; it falls along a cosine."""
    teacher_share: float = 0.8
    """Share of the target that is the float parent's own probability; the rest is the label. Keeps the two in step."""
    calibrate: bool = False
    """Begin with the ranges that training tiles reach, not with -6..6: for activations that are far from those."""

    def __post_init__(self) -> None:
        require(self, "recipe [fine_tune]", epochs=(0, 10_000), learning_rate=(1e-8, 10.0), teacher_share=(0.0, 1.0))


@dataclass(frozen=True)
class Distillation:
    """One more network of the same kind, taught by others (Hinton 2015, arXiv 1503.02531).

    Its teachers are the run's seeds, or a network a fold; those of other runs too where `fit --teachers` names them.
    """

    epochs: int = 0
    """Passes over the training tiles; 0: none."""
    teacher_share: float = 0.7
    """Share of the target that is the teachers' mean probability; the rest is the label."""
    folds: int = 0
    """Into how many folds the training slides are dealt: each tile is taught by a network of the other folds, which
    never saw it and has not learnt a wrong label by heart (Dao 2021, arXiv 2104.09732). 0: the run's seeds teach."""

    def __post_init__(self) -> None:
        require(self, "recipe [distillation]", epochs=(0, 10_000), teacher_share=(0.0, 1.0), folds=(0, 100))
        if self.folds == 1 or (self.folds and not self.epochs):
            raise BadInput(
                "recipe [distillation]: expected folds of 0, or from 2 on with epochs above 0, "
                f"found folds {self.folds} and epochs {self.epochs}"
            )


@dataclass(frozen=True)
class Transfer:
    """How a network learns whose backbone is pretrained: its head alone, then all of it at the recipe's own rate."""

    head_epochs: int = 3
    """Passes with the backbone frozen; 0: none."""
    head_rate: float = 1e-3
    """The optimizer's, at its height, over those; the recipe's learning_rate is for what follows, and lower."""
    top_layers: int = 0
    """How many layers of the backbone, counted from its end, learn in the second phase; 0: all."""

    def __post_init__(self) -> None:
        require(self, "recipe [transfer]", head_epochs=(0, 10_000), head_rate=(1e-8, 10.0), top_layers=(0, 100_000))


@dataclass(frozen=True)
class ContextKernel:
    """What a tile's neighbours weigh when it is judged in its place; the kernel of a mean over the grid of tiles."""

    radius: int = 0
    """Rings of neighbours on each side; 0: a tile is judged by itself."""
    sigma: float = 0.0
    """Of a Gaussian over the distance between tiles, in tiles; 0: all weigh the same."""
    own: float = 1.0
    """The tile itself counts this many times."""

    def __post_init__(self) -> None:
        require(self, "recipe [context]", radius=(0, 8), sigma=(0.0, 100.0), own=(0.0, 1000.0))
        if self.radius == 0 and self.own == 0:
            raise BadInput("recipe [context]: expected own above 0 where radius is 0, found 0: nothing would be left")

    def kernel(self) -> Kernel:
        """Return (2 radius + 1) rows of as many weights: exp(-d^2 / 2 sigma^2), or 1, the middle times `own`."""
        reach = range(-self.radius, self.radius + 1)
        return tuple(tuple(self._weight(dy, dx) for dx in reach) for dy in reach)

    def _weight(self, dy: int, dx: int) -> float:
        weight = math.exp(-(dy * dy + dx * dx) / (2 * self.sigma**2)) if self.sigma else 1.0
        return weight * self.own if dy == dx == 0 else weight


def require(part: object, where: str, **ranges: tuple[float, float]) -> None:
    """Raise BadInput where a value of a recipe lies outside its range, both ends included; NaN lies in none."""
    for name, (low, high) in ranges.items():
        value = getattr(part, name)
        if not low <= value <= high:
            raise BadInput(f"{where}: expected {name} between {low} and {high}, found {value}")


def require_one_of(part: object, where: str, **choices: Sequence[Any]) -> None:
    """Raise BadInput where a value of a recipe is none of those known."""
    for name, known in choices.items():
        value = getattr(part, name)
        if value not in known:
            raise BadInput(f"{where}: expected {name} to be one of {', '.join(known)}, found {value!r}")
