"""Run one recipe whole: every seed in float, the best on validation patients fine-tuned for int8."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput

from .fine_tune import fine_tune
from .fit import BEST_WEIGHTS, Plan, fit
from .keras import keras, tf
from .networks import NETWORKS, multiply_accumulates
from .recipe import Recipe
from .run_folder import TUNED, claim, finish
from .tiles import TileSet


def run_experiment(
    recipe: Recipe, train: TileSet, val: TileSet, seeds: Sequence[int], folder: Path, threads: int = 0
) -> dict[str, Any]:
    """Train, choose, fine-tune; return and write what was found. A killed run goes on where it stopped."""
    if recipe.network not in NETWORKS:
        raise BadInput(f"expected a network ({', '.join(NETWORKS)}), found {recipe.network!r}")
    claim(folder, recipe, train.digest())
    _use_threads(threads)
    best = {}
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        plan = Plan(recipe.epochs, recipe.learning_rate, recipe.warmup_epochs)
        best[seed] = fit(NETWORKS[recipe.network](), train, val, recipe, plan, seed, folder / f"seed{seed}", _emit)
    chosen = max(best, key=lambda seed: best[seed]["val_auc"])
    parent = NETWORKS[recipe.network]()
    parent.load_weights(str(folder / f"seed{chosen}" / BEST_WEIGHTS))
    _, tuned = fine_tune(parent, train, val, recipe, chosen, folder / TUNED, _emit)
    result = {
        "network": recipe.network,
        "seed": chosen,
        "seeds": {str(seed): record for seed, record in best.items()},
        "fine_tuned": tuned,
        "multiply_accumulates": multiply_accumulates(parent),
        "parameters": parent.count_params(),
        "data": {
            "train_sha256": train.digest(),
            "train_tiles": len(train),
            "train_patients": len(set(train.patients)),
            "val_tiles": len(val),
            "val_patients": len(set(val.patients)),
        },
    }
    finish(folder, result)
    return result


def _emit(record: dict[str, Any]) -> None:
    print(json.dumps(record), flush=True)  # a line an epoch, for a machine


def _use_threads(threads: int) -> None:
    if threads:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)
