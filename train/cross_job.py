"""What stands behind `cross-validate`: a network a fold, what it says of slides that it never saw, the figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.atomic import write_text
from edge_runtime.errors import BadInput

from .choose_context import choose_context
from .crew import Crew
from .cross_figures import score_folds
from .cross_validate import OutOfFold, folds_of, joined, sides
from .feed import logits_of
from .fit import BEST_WEIGHTS, Plan, fit
from .networks import NETWORKS
from .normalize import learn_normalization, normalized
from .patch_index import BY_PATIENT, BY_TILE, DOUBTS
from .recipe import Recipe
from .run_folder import claim
from .tiles import TileSet

RESULT = "cross_validation.json"
SEED = 0
"""Of the folds, and of the first fold's network."""


@dataclass(frozen=True)
class Dealing:
    """How the tiles become folds."""

    folds: int
    """How many."""
    split_by: str = BY_PATIENT
    """`tile` tears slides apart, only to show how much that flatters; no context is chosen by it."""


def cross_validate(
    recipe: Recipe,
    train: TileSet,
    val: TileSet,
    dealing: Dealing,
    folder: Path,
    crew: Crew,
    emit: Callable[[Any], None],
) -> dict[str, Any]:
    """Fit a fresh float network a fold, judge the slides left out with its last epoch, and write what was found.

    A killed run goes on where it stopped.
    """
    if recipe.network not in NETWORKS:
        raise BadInput(f"expected a network ({', '.join(NETWORKS)}), found {recipe.network!r}")
    data = joined(train, val)
    torn = {"split_by": BY_TILE} if dealing.split_by == BY_TILE else {}
    claim(folder, recipe, data.digest(), {"folds": dealing.folds} | torn)
    fold_of = folds_of(data, dealing.folds, SEED, dealing.split_by)
    logits = np.zeros(len(data), np.float32)
    for number, seen, held_out in sides(data, fold_of):
        logits[fold_of == number] = _fold(recipe, seen, held_out, number, folder / f"fold{number}", crew, emit)
    oof = OutOfFold(logits, data.labels, data.patients, data.groups, data.xs, data.ys, fold_of)
    oof.save(folder)
    result = {"network": recipe.network, "folds": dealing.folds, "epochs": recipe.epochs, "split_by": dealing.split_by}
    result |= {"warning": DOUBTS[BY_TILE], "scores": score_folds(oof, None)} if torn else report(oof)
    write_text(folder / RESULT, json.dumps(result, indent=2) + "\n")
    return result


def report(oof: OutOfFold) -> dict[str, Any]:
    """Return the figures of tile and context mode, and what was found of each candidate kernel."""
    try:
        choice = choose_context(oof)
    except BadInput as error:  # scattered tiles alone: tile mode is what there is to judge
        return {"scores": score_folds(oof, None), "context": None, "no_context": str(error)}
    return {"scores": score_folds(oof, choice), "context": asdict(choice.kernel), "candidates": choice.table}


def _fold(
    recipe: Recipe, seen: TileSet, held_out: TileSet, seed: int, folder: Path, crew: Crew, emit: Callable[[Any], None]
) -> NDArray[np.float32]:
    towards = learn_normalization(seen, recipe.stain_strength)
    seen, held_out = normalized(seen, towards), normalized(held_out, towards)
    build = NETWORKS[recipe.network]
    plan = Plan(build, recipe.epochs, recipe.learning_rate, recipe.warmup_epochs, keep_last=True)
    plan = replace(plan, mixed_precision=recipe.mixed_precision)
    fit(plan, seen, held_out, recipe, SEED + seed, folder, emit, crew)
    network = build()
    network.load_weights(str(folder / BEST_WEIGHTS))
    return np.asarray(logits_of(network, held_out.tiles), np.float32)
