"""Race the feeding of tiles against one batch that is already there: does the input keep up with the network?"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from train.crew import alone, open_crew
from train.feed import hard_targets, steps_per_epoch, training_batches
from train.keras import tf
from train.learner import Learner
from train.networks import NETWORKS
from train.plan import Plan
from train.recipe import Recipe
from train.recipe_parts import Augmentation
from train.tiles import TileSet

from .board import describe_board, describe_state
from .timing import Plan as Turns
from .timing import Samples, race, ratio, spread

CACHED, AS_TRAINED, ALL_ON = "one cached batch", "as the recipe varies tiles", "every variation on"
EVERY_VARIATION = Augmentation(
    stain_scale=0.2,
    stain_shift=0.05,
    brightness=0.2,
    zoom=0.1,
    shift=3.0,
    rotation=180.0,
    blur=1.0,
    jpeg=50,
    white_balance=0.1,
    mixup=0.5,
)
"""Strong, and each with a cost that does not depend on its strength."""


def measure_feed(
    recipe: Recipe,
    data: TileSet,
    steps: int,
    rounds: int,
    threads: int,
    measured_at: str,
    each_round: Callable[[], object],
) -> dict[str, Any]:
    """Return the record: milliseconds a step of each way to be fed, and their ratios to the cached batch.

    A turn is `steps` steps of the training that `python -m train fit` does, its pipeline started anew. Beside the time
    on the clock stands that of the CPU, in all threads: on a machine that others use too, the steadier of the two.
    """
    open_crew(threads=threads)
    before = describe_state()
    steps = min(steps, steps_per_epoch(data, recipe))
    turns = Turns(rounds, calls=1, settle=0, warmup=1)
    samples = race(_contestants(recipe, data, steps), turns, each_round=each_round)
    return {
        "benchmark": "feed",
        "schema_version": 1,
        "measured_at": measured_at,
        "board": describe_board(),
        "state_before": before,
        "state_after": describe_state(),
        "network": recipe.network,
        "batch": recipe.batch,
        "steps": steps,
        "threads": threads,
        "tiles": len(data),
        "plan": asdict(turns),
        "variations": {AS_TRAINED: asdict(recipe.augmentation), ALL_ON: asdict(EVERY_VARIATION)},
        "rows": [_row(name, found, steps) for name, found in samples.items()],
        "ratios": [_compared(name, samples) for name in (AS_TRAINED, ALL_ON)],
    }


def _row(name: str, found: Samples, steps: int) -> dict[str, Any]:
    cpu = np.array(found.values) / steps / 1e6
    return {
        "fed": name,
        "milliseconds_a_step": spread(found.milliseconds / steps),
        "cpu_milliseconds_a_step": spread(cpu),
    }


def _compared(name: str, samples: dict[str, Samples]) -> dict[str, Any]:
    one, other = (np.array(samples[which].values, float) for which in (name, CACHED))
    return {
        "fed": name,
        "against": CACHED,
        "cpu_median_of_rounds": round(float(np.median(one / other)), 4),
    } | ratio(samples[name], samples[CACHED])


def _contestants(recipe: Recipe, data: TileSet, steps: int) -> dict[str, Callable[[], object]]:
    plan = Plan(NETWORKS[recipe.network], 1, recipe.learning_rate, 0.0)
    learner = Learner(plan, recipe, steps, 0, alone())
    targets = hard_targets(data, recipe)
    varied = replace(recipe, augmentation=EVERY_VARIATION)
    fed = {AS_TRAINED: recipe, ALL_ON: varied}
    pipelines = {name: training_batches(data, targets, how, 0, range(1)) for name, how in fed.items()}
    first = next(iter(pipelines[AS_TRAINED]))
    pipelines[CACHED] = tf.data.Dataset.from_tensors(first).repeat()

    def run(batches: Any) -> int:
        began = time.process_time_ns()
        figures = [learner.step(batch) for batch in batches.take(steps)]
        float(figures[-1][0])  # waits for a GPU
        return time.process_time_ns() - began

    return {name: lambda batches=pipelines[name]: run(batches) for name in (CACHED, AS_TRAINED, ALL_ON)}  # type: ignore[misc]
