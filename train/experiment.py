"""Run one recipe whole: every seed in float, all seeds teach another, the best on validation is fine-tuned for int8."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput

from .distill import taught_targets
from .fine_tune import fine_tune
from .fit import BEST_WEIGHTS, Plan, fit
from .keras import keras, tf
from .networks import NETWORKS, multiply_accumulates
from .recipe import Recipe
from .run_folder import DISTILLED, TUNED, claim, finish
from .tiles import TileSet


def run_experiment(
    recipe: Recipe, train: TileSet, val: TileSet, seeds: Sequence[int], folder: Path, threads: int = 0
) -> dict[str, Any]:
    """Train, choose, fine-tune; return and write what was found. A killed run goes on where it stopped."""
    if recipe.network not in NETWORKS:
        raise BadInput(f"expected a network ({', '.join(NETWORKS)}), found {recipe.network!r}")
    data_sha256 = train.digest()
    claim(folder, recipe, data_sha256)
    _use_threads(threads)
    best = {}
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        plan = Plan(recipe.epochs, recipe.learning_rate, recipe.warmup_epochs)
        name = f"seed{seed}"
        best[name] = fit(NETWORKS[recipe.network](), train, val, recipe, plan, seed, folder / name, _emit)
    if recipe.distillation.epochs:
        best[DISTILLED] = _distill(recipe, train, val, seeds, folder)
    chosen = max(best, key=lambda name: best[name]["val_auc"])
    parent = _load(recipe, folder / chosen)
    tuned = fine_tune(parent, train, val, recipe, seeds[0], folder / chosen / TUNED, _emit)
    result = {
        "network": recipe.network,
        "chosen": chosen,
        "candidates": best,
        "fine_tuned": tuned,
        "multiply_accumulates": multiply_accumulates(parent),
        "parameters": parent.count_params(),
        "data": {
            "train_sha256": data_sha256,
            "train_tiles": len(train),
            "train_patients": len(set(train.patients)),
            "val_tiles": len(val),
            "val_patients": len(set(val.patients)),
        },
    }
    finish(folder, result)
    return result


def _distill(recipe: Recipe, train: TileSet, val: TileSet, seeds: Sequence[int], folder: Path) -> dict[str, Any]:
    keras.utils.set_random_seed(len(seeds))
    teachers = [_load(recipe, folder / f"seed{seed}") for seed in seeds]
    how = recipe.distillation
    plan = Plan(how.epochs, recipe.learning_rate, recipe.warmup_epochs, taught_targets(teachers, train, recipe))
    student = NETWORKS[recipe.network]()
    return fit(student, train, val, recipe, plan, max(seeds) + 1, folder / DISTILLED, _emit)


def _load(recipe: Recipe, folder: Path) -> Any:
    network = NETWORKS[recipe.network]()
    network.load_weights(str(folder / BEST_WEIGHTS))
    return network


def _emit(record: dict[str, Any]) -> None:
    print(json.dumps(record), flush=True)  # a line an epoch, for a machine


def _use_threads(threads: int) -> None:
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
