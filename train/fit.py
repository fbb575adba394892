"""Fit one network with one seed: epochs, the average of weights, the best epoch by validation AUC, resumable."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime import metrics
from edge_runtime.atomic import write_text

from .callbacks import Bar, WeightAverage
from .feed import Relabel, hard_targets, logits_of, steps_per_epoch, training_batches
from .keras import keras, tf
from .recipe import Recipe
from .tiles import TileSet

BEST_WEIGHTS = "best.weights.h5"
HISTORY = "history.jsonl"


@dataclass(frozen=True)
class Plan:
    """What a fit runs through; the float fit and the fine-tune differ in these alone."""

    epochs: int
    learning_rate: float
    warmup_epochs: float
    targets: NDArray[np.float32] | None = None
    """float32 (n, 1), instead of the smoothed labels."""
    relabel: Relabel | None = None
    """Changes the targets of a batch in the light of its pixels."""


def fit(
    model: Any,
    train: TileSet,
    val: TileSet,
    recipe: Recipe,
    plan: Plan,
    seed: int,
    folder: Path,
    emit: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """Train `model` in place, leave its best averaged weights in it and in `folder`, return the best epoch's record.

    A folder that holds checkpoints of a killed run is gone on from; `emit` receives a record an epoch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    steps = steps_per_epoch(train, recipe)
    targets = hard_targets(train, recipe) if plan.targets is None else plan.targets
    optimizer = _optimizer(recipe, plan, steps)
    model.compile(optimizer, keras.losses.BinaryCrossentropy(from_logits=True))
    optimizer.build(model.trainable_variables)
    average = WeightAverage(model, recipe.average)
    done = tf.Variable(0, dtype=tf.int64, trainable=False)
    saved = tf.train.Checkpoint(
        model=model,
        optimizer=optimizer,
        averages=average.averages,
        steps=average.steps,
        epochs=done,
        dropout=_dropout_states(model),
    )
    manager = tf.train.CheckpointManager(saved, str(folder / "checkpoints"), max_to_keep=2)
    if manager.latest_checkpoint:
        saved.restore(manager.latest_checkpoint).expect_partial()
    history = _read_history(folder, int(done.numpy()))
    for epoch in range(int(done.numpy()), plan.epochs):
        began = time.monotonic()
        batches = training_batches(train, targets, recipe, seed, epoch, plan.relabel)
        bar = Bar(f"{folder.parent.name}/{folder.name} epoch {epoch + 1}/{plan.epochs}", steps)
        fitted = model.fit(batches, epochs=epoch + 1, initial_epoch=epoch, callbacks=[average, bar], verbose=0)
        with average.in_place():
            record = {"epoch": epoch + 1, "loss": float(fitted.history["loss"][0])} | _judge(model, val)
            record["seconds"] = round(time.monotonic() - began, 2)
            if record["val_auc"] > max((past["val_auc"] for past in history), default=0.0):
                _save_weights(model, folder / BEST_WEIGHTS)
        history.append(record)
        write_text(folder / HISTORY, "".join(json.dumps(past) + "\n" for past in history))
        done.assign(epoch + 1)
        manager.save(checkpoint_number=epoch + 1)
        emit({"run": f"{folder.parent.name}/{folder.name}", "seed": seed} | record)
    model.load_weights(str(folder / BEST_WEIGHTS))
    return max(history, key=lambda past: past["val_auc"])


def _optimizer(recipe: Recipe, plan: Plan, steps: int) -> Any:
    warmup = int(plan.warmup_epochs * steps)
    rate = keras.optimizers.schedules.CosineDecay(
        0.0 if warmup else plan.learning_rate,
        max(1, plan.epochs * steps - warmup),
        warmup_target=plan.learning_rate if warmup else None,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay)
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _dropout_states(model: Any) -> list[Any]:
    """Return the random generators of dropout layers, which tf-keras leaves out of its checkpoints."""
    states = [getattr(part, "_random_generator", None) for part in model.submodules]
    return [state._generator for state in states if state is not None]


def _judge(model: Any, val: TileSet) -> dict[str, float]:
    logits = logits_of(model, val.tiles)
    threshold = metrics.best_threshold(val.labels, logits)
    return {
        "val_auc": metrics.auc(val.labels, logits),
        "val_balanced_accuracy": metrics.balanced_accuracy(val.labels, logits >= threshold),
    }


def _save_weights(model: Any, path: Path) -> None:
    half = path.with_name(f".{path.name}")  # the name must end in .h5, and a killed run must not leave half of it
    model.save_weights(str(half))
    half.replace(path)


def _read_history(folder: Path, epochs: int) -> list[dict[str, Any]]:
    """Return the records of the epochs that the checkpoint has seen."""
    path = folder / HISTORY
    return [json.loads(line) for line in path.read_text().splitlines()][:epochs] if epochs else []
