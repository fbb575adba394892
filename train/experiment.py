"""Run one recipe whole: seeds in float, a network taught by others, the best on validation is fine-tuned for int8."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from edge_runtime.contract import StainNormalization
from edge_runtime.errors import BadInput

from .crew import Crew, alone
from .cross_fit import fit_folds
from .distill import Teacher, taught_targets, teachers_of
from .fine_tune import fine_tune
from .fit import BEST_WEIGHTS, Plan, is_fitted
from .networks import BACKBONES, NETWORKS, multiply_accumulates
from .normalize import learn_normalization, normalized
from .pretrained import Weights
from .recipe import Recipe, require_teachers
from .recipe_parts import PTQ, QAT
from .run_folder import DISTILLED, TUNED, Run, claim, describe, finish
from .start import Start, read_start
from .tiles import TileSet
from .transfer import fit_in_phases

Emit = Callable[[dict[str, Any]], None]


def run_experiment(
    recipe: Recipe,
    train: TileSet,
    val: TileSet,
    folder: Path,
    crew: Crew | None = None,
    weights: Weights | None = None,
    taught_by: Sequence[Run] = (),
) -> dict[str, Any]:
    """Train, choose, fine-tune; return and write what was found. A killed run goes on where it stopped.

    A network with a backbone starts from `weights`; candidates of the runs `taught_by` teach beside this one's.
    """
    if recipe.network not in NETWORKS:
        raise BadInput(f"expected a network ({', '.join(NETWORKS)}), found {recipe.network!r}")
    require_teachers(recipe, bool(taught_by))
    crew = crew or alone()
    data_sha256 = train.digest()
    start, teachers = read_start(recipe, weights or Weights()), teachers_of(taught_by, recipe, data_sha256)
    origin = _origin(recipe, start, teachers)
    _claim(folder, recipe, data_sha256, origin, train, val, crew)
    emit = _emit if crew.leads else _say_nothing
    train, val, towards = _normalized(recipe, train, val)
    plan = _plan(recipe)
    best = {}
    for seed in recipe.seeds:
        name = f"seed{seed}"
        best[name] = fit_in_phases(plan, start, train, val, recipe, seed, folder / name, emit, crew)
    if recipe.distillation.epochs:
        teachers += _own_teachers(plan, start, train, val, recipe, folder, emit, crew)
        best[DISTILLED] = _distill(plan, start, teachers, train, val, recipe, folder, emit, crew)
    chosen = max(best, key=lambda name: best[name]["val_auc"])

    parent = Teacher(recipe.network, folder / chosen / BEST_WEIGHTS).load
    tuned = fine_tune(parent, train, val, recipe, min(recipe.seeds, default=0), folder / chosen / TUNED, emit, crew)
    network = parent()
    result: dict[str, Any] = {
        "network": recipe.network,
        "chosen": chosen,
        "candidates": best,
        "fine_tuned": tuned,
        "quantization": QAT if tuned else PTQ,
        "multiply_accumulates": multiply_accumulates(network),
        "parameters": network.count_params(),
        "stain_normalization": asdict(towards) if towards else None,
        "data": {
            "format": train.format,
            "split_by": train.split_by,
            "train_sha256": data_sha256,
            "train_tiles": len(train),
            "train_patients": len(set(train.patients)),
            "val_tiles": len(val),
            "val_patients": len(set(val.patients)),
        },
    } | origin
    if crew.leads:
        finish(folder, result)
    return result


def _normalized(recipe: Recipe, train: TileSet, val: TileSet) -> tuple[TileSet, TileSet, StainNormalization | None]:
    """Return both sides with every slide's stain brought to what the training slides have in the mean."""
    towards = learn_normalization(train, recipe.stain_strength)
    return normalized(train, towards), normalized(val, towards), towards


def _origin(recipe: Recipe, start: Start, teachers: Sequence[Teacher]) -> dict[str, Any]:
    """Return what a run comes from beside recipe and tiles; nothing for one that starts from itself."""
    origin: dict[str, Any] = {"weights": start.record()} if recipe.network in BACKBONES else {}
    return origin | ({"teachers": [teacher.record() for teacher in teachers]} if teachers else {})


def _claim(
    folder: Path,
    recipe: Recipe,
    data_sha256: str,
    origin: dict[str, Any],
    train: TileSet,
    val: TileSet,
    crew: Crew,
) -> None:
    if crew.leads:
        claim(folder, recipe, data_sha256, origin)
        describe(folder, {"train": train, "val": val}, crew.name, crew.replicas)
    crew.wait()
    claim(folder, recipe, data_sha256, origin)  # who follows must have the leader's recipe and data, and see its folder


def _plan(recipe: Recipe) -> Plan:
    return Plan(
        NETWORKS[recipe.network],
        recipe.epochs,
        recipe.learning_rate,
        recipe.warmup_epochs,
        mixed_precision=recipe.mixed_precision,
    )


def _own_teachers(
    plan: Plan, start: Start, train: TileSet, val: TileSet, recipe: Recipe, folder: Path, emit: Emit, crew: Crew
) -> list[Teacher]:
    """Return those of the run itself: a network a fold, which is fitted here, or its seeds, which are."""
    if recipe.distillation.folds:
        return fit_folds(plan, start, train, val, recipe, folder, emit, crew)
    return [Teacher(recipe.network, folder / f"seed{seed}" / BEST_WEIGHTS) for seed in recipe.seeds]


def _distill(
    plan: Plan,
    start: Start,
    teachers: Sequence[Teacher],
    train: TileSet,
    val: TileSet,
    recipe: Recipe,
    folder: Path,
    emit: Emit,
    crew: Crew,
) -> dict[str, Any]:
    plan = replace(plan, epochs=recipe.distillation.epochs)
    if not is_fitted(folder / DISTILLED, plan):
        plan = replace(plan, targets=taught_targets(teachers, train, recipe))
    seed = max((*recipe.seeds, len(teachers) - 1)) + 1  # that neither a seed nor a network a fold had
    return fit_in_phases(plan, start, train, val, recipe, seed, folder / DISTILLED, emit, crew)


def _emit(record: dict[str, Any]) -> None:
    print(json.dumps(record), flush=True)  # a line an epoch, for a machine


def _say_nothing(record: dict[str, Any]) -> None:
    pass
