"""A recipe: every number of an experiment in one place, read from TOML; a run keeps the one that made it."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput
from edge_runtime.patches import PATCH_PX

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RECIPES = Path(__file__).parent / "recipes"
TILE_PX = PATCH_PX
"""Side of an IDC patch, and of every network's input, px; the contract of a model carries it on to the device."""


@dataclass(frozen=True)
class Augmentation:
    """How far a tile may be varied; 0 switches a part off."""

    dihedral: bool = True
    """Turn and mirror: a slide has no upright."""
    stain_scale: float = 0.15
    """Each stain's density is multiplied by 1 +- this."""
    stain_shift: float = 0.05
    """And shifted by +- this, in optical density."""
    brightness: float = 0.1
    """The lamp is multiplied by 1 +- this."""


@dataclass(frozen=True)
class FineTune:
    """Fine-tuning with quantization in the loop."""

    epochs: int = 4
    """Passes over the training tiles."""
    learning_rate: float = 2e-4
    """AdamW's, at its height; it falls to 0 along a cosine."""
    teacher_share: float = 0.8
    """Share of the target that is the float parent's own probability; the rest is the label. Keeps the two in step."""


@dataclass(frozen=True)
class Distillation:
    """One more network of the same kind, taught by all seeds together (Hinton 2015, arXiv 1503.02531)."""

    epochs: int = 0
    """Passes over the training tiles; 0: none."""
    teacher_share: float = 0.7
    """Share of the target that is the seeds' mean probability; the rest is the label."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. Defaults are those of the shipped models unless their recipe says otherwise."""

    network: str
    """Name in train.networks.NETWORKS."""
    epochs: int = 30
    """Passes over the training tiles."""
    batch: int = 64
    """Tiles a step."""
    learning_rate: float = 1.5e-3
    """AdamW's, at its height; it falls to 0 along a cosine."""
    warmup_epochs: float = 1.0
    """Over which the rate rises from 0."""
    weight_decay: float = 0.02
    """AdamW's, on kernels alone."""
    label_smoothing: float = 0.05
    """Targets are this far from 0 and 1, halved."""
    average: float = 0.998
    """Decay of the moving average of weights, a step; the average is what is judged and kept."""
    augmentation: Augmentation = field(default_factory=Augmentation)
    """How tiles are varied."""
    distillation: Distillation = field(default_factory=Distillation)
    """Learning from all seeds together."""
    fine_tune: FineTune = field(default_factory=FineTune)
    """Quantization-aware fine-tuning."""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("epochs", 1, 10_000),
            ("batch", 1, 65_536),
            ("learning_rate", 1e-8, 10.0),
            ("label_smoothing", 0.0, 0.5),
            ("average", 0.0, 0.999999),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise BadInput(f"recipe: expected {name} between {low} and {high}, found {value}")


def shipped_recipe(network: str) -> Path:
    """Return the recipe of a model that ships; refuses an unknown name."""
    known = sorted(path.stem for path in RECIPES.glob("*.toml"))
    if network not in known:
        raise BadInput(
            f"expected a network with a recipe ({', '.join(known)}), found {network!r}; or give --recipe TOML"
        )
    return RECIPES / f"{network}.toml"


def load_recipe(path: Path, **changes: object) -> Recipe:
    """Read a TOML recipe; unknown keys and values of another type are refused. `changes` override top-level keys."""
    try:
        values = tomllib.loads(path.read_text())
    except OSError as error:
        raise BadInput(f"expected a recipe at {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} is not TOML: {error}") from error
    return recipe_of(values | {key: value for key, value in changes.items() if value is not None}, str(path))


def recipe_of(values: dict[str, Any], where: str = "recipe") -> Recipe:
    """Build a recipe from plain values, as TOML and JSON hold them."""
    parts = {"augmentation": Augmentation, "distillation": Distillation, "fine_tune": FineTune}
    built = {key: _build(part, values[key], f"{where} [{key}]") for key, part in parts.items() if key in values}
    return _build(Recipe, values | built, where)


def _build(kind: Any, values: Any, where: str) -> Any:
    known = {field.name: field for field in dataclasses.fields(kind)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise BadInput(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(known)}")
    for key, value in values.items():
        wanted = known[key].type
        allowed = {"int": (int,), "float": (int, float), "str": (str,), "bool": (bool,)}.get(str(wanted))
        if allowed and (not isinstance(value, allowed) or (isinstance(value, bool) and wanted != "bool")):
            raise BadInput(f"{where}: expected {key} to be {wanted}, found {value!r}")
    try:
        return kind(**values)
    except TypeError as error:
        raise BadInput(f"{where}: {error}") from error
