"""Fit one network with one seed: epochs, the average of weights, the best epoch by validation AUC, resumable."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from .checkpoints import Checkpoints, disk_may_be_full, last_epoch
from .crew import Crew, alone
from .feed import hard_targets, steps_per_epoch, training_batches
from .history import History
from .judge import Judge
from .learner import Learner, no_number
from .plan import Plan
from .recipe import Recipe
from .tiles import TileSet

__all__ = ["BEST_WEIGHTS", "Plan", "fit", "is_fitted"]

BEST_WEIGHTS = "best.weights.h5"
_LOOK = 20
"""Steps between two looks at the loss; each makes a GPU wait."""


def fit(
    plan: Plan,
    train: TileSet,
    val: TileSet,
    recipe: Recipe,
    seed: int,
    folder: Path,
    emit: Callable[[dict[str, Any]], None],
    crew: Crew | None = None,
) -> dict[str, Any]:
    """Train a network, leave its best averaged weights in `folder`, return the best epoch's record.

    A folder that holds checkpoints of a killed run is gone on from; `emit` receives a record an epoch.
    """
    if is_fitted(folder, plan):
        return History(folder, plan.epochs).best
    crew = crew or alone()
    steps = steps_per_epoch(train, recipe)
    targets = hard_targets(train, recipe) if plan.targets is None else plan.targets
    learner, judge = Learner(plan, recipe, steps, seed, crew), Judge(plan.build, val)
    state = {"model": learner.network, "optimizer": learner.optimizer, "averages": learner.averages}
    checkpoints = Checkpoints(folder, crew.leads, **state)
    done = checkpoints.restore()
    history = History(folder, done, crew.leads)
    crew.wait()  # all have read before anyone writes
    to_come = range(done, plan.epochs)
    batches = crew.spread(lambda share: training_batches(train, targets, recipe, seed, to_come, share))
    name = f"{folder.parent.name}/{folder.name}"
    for epoch in to_come:
        began = time.monotonic()
        seen = _run_epoch(learner, batches, steps, f"{name} epoch {epoch + 1}/{plan.epochs}")
        record = {"epoch": epoch + 1} | seen | judge.score(learner.averaged_weights())
        record |= {"learning_rate": learner.rate, "seconds": round(time.monotonic() - began, 2)}
        with disk_may_be_full(folder):
            folder.mkdir(parents=True, exist_ok=True)
            if crew.leads and (plan.keep_last or history.would_be_best(record)):
                judge.save(folder / BEST_WEIGHTS)
            history.append(record)
            checkpoints.save(epoch + 1)
        crew.wait()
        emit({"run": name, "seed": seed} | record)
    history.close()
    return history.best


def is_fitted(folder: Path, plan: Plan) -> bool:
    """Tell whether a fit in this folder has come to its end, so that there is nothing left to do."""
    return last_epoch(folder) >= plan.epochs


def _run_epoch(learner: Learner, batches: Iterator[Any], steps: int, title: str) -> dict[str, float]:
    """Make one pass; return its mean loss and accuracy, with variation and dropout, as the network learnt."""
    figures = []
    bar = tqdm(total=steps, desc=title, unit="batch", disable=not sys.stderr.isatty(), leave=False)
    with bar:
        for number in range(1, steps + 1):
            figures.append(learner.step(next(batches)))
            if number % _LOOK == 0 or number == steps:
                loss = float(figures[-1][0])
                if not math.isfinite(loss):
                    raise no_number("the loss")
                bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
            bar.update()
    losses, hits = np.array([[float(value) for value in pair] for pair in figures]).T
    if not np.isfinite(losses).all():
        raise no_number("the loss")
    return {"loss": float(losses.mean()), "accuracy": float(hits.mean())}
