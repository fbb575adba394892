"""A recipe: every number of an experiment in one place, read from TOML; a run keeps the one that made it."""

from __future__ import annotations

import dataclasses
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput
from edge_runtime.patches import PATCH_PX

from .recipe_parts import Augmentation, ContextKernel, Distillation, FineTune, Transfer, require, require_one_of

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

RECIPES = Path(__file__).parent / "recipes"
TILE_PX = PATCH_PX
"""Side of an IDC patch, and of every network's input, px; the contract of a model carries it on to the device."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained. Defaults are those of the shipped models unless their recipe says otherwise."""

    network: str
    """Name in train.networks.NETWORKS."""
    seeds: tuple[int, ...] = (0, 1, 2)
    """A network each, trained on the labels alone; the best on validation patients is kept. May be none where others
    teach one."""
    epochs: int = 30
    """Passes over the training tiles."""
    batch: int = 64
    """Tiles a step."""
    optimizer: str = "adamw"
    """adamw (Loshchilov & Hutter 2019, arXiv 1711.05101) or adam, which knows no weight_decay."""
    learning_rate: float = 1.5e-3
    """The optimizer's, at its height; it falls along a cosine."""
    final_rate: float = 0.0
    """Share of that height at which the cosine ends."""
    warmup_epochs: float = 1.0
    """Over which the rate rises from 0."""
    weight_decay: float = 0.02
    """AdamW's, on kernels alone."""
    label_smoothing: float = 0.05
    """Targets are this far from 0 and 1, halved."""
    average: float = 0.998
    """Decay of the moving average of weights, a step; the average is what is judged and kept."""
    class_weight: str = "none"
    """none, or balanced: both classes weigh the same in all, however many tiles each has."""
    slide_weight: str = "sqrt"
    """none: each tile counts once; full: each slide; sqrt: between them, a tile counts 1/sqrt(tiles of its slide)."""
    mixed_precision: bool = False
    """Float training in float16 on a GPU, in bfloat16 on a CPU; weights, logit and the fine-tune stay in float32."""
    xla: bool = False
    """Compile the gradients' graph (XLA): slow to start, faster a step on a GPU."""
    stain_strength: float = 0.0
    """Share of the way that a tile's stain is brought to the profile of the training slides, in optical density."""
    augmentation: Augmentation = field(default_factory=Augmentation)
    """How tiles are varied."""
    transfer: Transfer = field(default_factory=Transfer)
    """Starting from a pretrained backbone."""
    distillation: Distillation = field(default_factory=Distillation)
    """Learning from other networks."""
    fine_tune: FineTune = field(default_factory=FineTune)
    """Quantization-aware fine-tuning."""
    context: ContextKernel = field(default_factory=ContextKernel)
    """What neighbours weigh in context mode."""

    def __post_init__(self) -> None:
        require(
            self,
            "recipe",
            epochs=(1, 10_000),
            batch=(1, 65_536),
            learning_rate=(1e-8, 10.0),
            final_rate=(0.0, 1.0),
            warmup_epochs=(0.0, 10_000.0),
            weight_decay=(0.0, 10.0),
            label_smoothing=(0.0, 0.5),
            average=(0.0, 0.999999),
            stain_strength=(0.0, 1.0),
        )
        if not all(0 <= seed < 2**31 for seed in self.seeds) or len(set(self.seeds)) < len(self.seeds):
            raise BadInput(f"recipe: expected seeds that differ, from 0 on, found {list(self.seeds)}")
        require_one_of(
            self,
            "recipe",
            optimizer=("adamw", "adam"),
            class_weight=("none", "balanced"),
            slide_weight=("none", "sqrt", "full"),
        )


def require_teachers(recipe: Recipe, others: bool) -> None:
    """Raise BadInput where there is nobody to learn from: no seed, no fold, and none of `others` who may teach."""
    if not recipe.seeds and not recipe.distillation.folds and not (others and recipe.distillation.epochs):
        raise BadInput(
            "expected a seed, or teachers and [distillation] epochs in the recipe, found neither; give --seeds, or "
            "--teachers RUN"
        )


def known_networks() -> list[str]:
    """Return the networks that have a recipe here."""
    return sorted(path.stem for path in RECIPES.glob("*.toml"))


def shipped_recipe(network: str) -> Path:
    """Return the recipe of a network; refuses one that has none."""
    known = known_networks()
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
    recipe = recipe_of(values | {key: value for key, value in changes.items() if value is not None}, str(path))
    require_one_of(recipe, str(path), network=known_networks())
    return recipe


def recipe_of(values: dict[str, Any], where: str = "recipe") -> Recipe:
    """Build a recipe from plain values, as TOML and JSON hold them."""
    parts = {
        "augmentation": Augmentation,
        "transfer": Transfer,
        "distillation": Distillation,
        "fine_tune": FineTune,
        "context": ContextKernel,
    }
    built = {key: _build(part, values[key], f"{where} [{key}]") for key, part in parts.items() if key in values}
    return _build(Recipe, values | built, where)


def _build(kind: Any, values: Any, where: str) -> Any:
    if not isinstance(values, dict):
        raise BadInput(f"{where}: expected a table of keys, found {values!r}")
    known = {field.name: field for field in dataclasses.fields(kind)}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise BadInput(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(known)}")
    built = {key: _value(value, str(known[key].type), f"{where}: expected {key}") for key, value in values.items()}
    try:
        return kind(**built)
    except TypeError as error:
        raise BadInput(f"{where}: {error}") from error


def _value(value: Any, wanted: str, where: str) -> Any:
    """Return a value as a field of the type `wanted` has it: TOML and JSON know lists, and whole numbers for floats."""
    if wanted == "tuple[int, ...]" and isinstance(value, (list, tuple)):
        return tuple(_value(part, "int", where) for part in value)
    allowed = {"int": (int,), "float": (int, float), "str": (str,), "bool": (bool,), "tuple[int, ...]": ()}.get(wanted)
    if allowed is not None and (not isinstance(value, allowed) or (isinstance(value, bool) and wanted != "bool")):
        raise BadInput(f"{where} to be {_IN_WORDS[wanted]}, found {value!r}")
    return value


_IN_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "a word in quotes",
    "bool": "true or false",
    "tuple[int, ...]": "a list of whole numbers",
}
