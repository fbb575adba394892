"""Time contestants against each other: in one process, round by round, so that a busy minute meets all of them alike.

A ratio of two numbers from two minutes of a shared machine says little; one whose two sides took turns holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Clock = Callable[[], int]
"""Nanoseconds that only grow."""


@dataclass(frozen=True)
class Plan:
    """How often each contestant is called."""

    rounds: int = 30
    """Every contestant has one turn a round."""
    calls: int = 20
    """Timed calls a turn, each by itself."""
    settle: int = 20
    """Untimed calls before them: caches are its own again, and the last one's worker threads have gone to sleep."""
    warmup: int = 1
    """Untimed rounds before the first."""


@dataclass(frozen=True)
class Samples:
    """What the calls of one contestant took, and what they returned."""

    nanoseconds: NDArray[np.int64]
    """int64 (rounds, calls)."""
    values: list[Any] = field(default_factory=list)
    """What each timed call returned, in order."""

    @property
    def milliseconds(self) -> NDArray[np.float64]:
        """float64 (rounds, calls)."""
        return self.nanoseconds / 1e6

    @property
    def microseconds(self) -> NDArray[np.float64]:
        """float64 (rounds, calls)."""
        return self.nanoseconds / 1e3


def race(
    contestants: Mapping[str, Callable[[], object]],
    plan: Plan,
    clock: Clock = time.perf_counter_ns,
    each_round: Callable[[], object] = lambda: None,
) -> dict[str, Samples]:
    """Time every contestant in turn, round by round; each round begins with another, so that none always comes last."""
    names = list(contestants)
    samples = {name: Samples(np.zeros((plan.rounds, plan.calls), np.int64)) for name in names}
    for turn in range(-plan.warmup, plan.rounds):
        first = turn % max(1, len(names))
        for name in names[first:] + names[:first]:
            spent, values = _turn(contestants[name], plan, clock)
            if turn >= 0:
                samples[name].nanoseconds[turn] = spent
                samples[name].values.extend(values)
        each_round()
    return samples


def _turn(call: Callable[[], object], plan: Plan, clock: Clock) -> tuple[list[int], list[object]]:
    for _ in range(plan.settle):
        call()
    spent, values = [], []
    for _ in range(plan.calls):
        before = clock()
        value = call()
        spent.append(clock() - before)
        values.append(value)
    return spent, values


def spread(values: NDArray[np.floating]) -> dict[str, float]:
    """Return median, tail, least and count of values of any shape, in their own unit."""
    low, high, top = np.quantile(values, [0.5, 0.9, 0.99])
    figures = {"median": low, "p90": high, "p99": top, "min": values.min()}
    return {name: round(float(value), 4) for name, value in figures.items()} | {"count": int(values.size)}


def ratio(first: Samples, second: Samples) -> dict[str, float]:
    """Return how long the first takes against the second: over all calls, and as the median over rounds.

    Where the two disagree, the machine was busy in some rounds and not in others: believe the one over rounds.
    """
    over_rounds = np.median(first.nanoseconds, 1) / np.median(second.nanoseconds, 1)
    return {
        "of_medians": round(float(np.median(first.nanoseconds) / np.median(second.nanoseconds)), 4),
        "median_of_rounds": round(float(np.median(over_rounds)), 4),
        "rounds_p10": round(float(np.quantile(over_rounds, 0.1)), 4),
        "rounds_p90": round(float(np.quantile(over_rounds, 0.9)), 4),
    }
