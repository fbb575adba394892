"""Time one tile, and batches of tiles, in bare interpreters: by model, runtime and threads."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadModelFile, MissingDependency

from .bare import BareInterpreter
from .contenders import Contender, pairs
from .timing import Plan, Samples, race, ratio, spread

Key = tuple[str, str]
"""(label of the model, name of the runtime)."""


def time_tiles(
    contenders: Sequence[Contender],
    runtimes: Sequence[str],
    threads: Sequence[int],
    tile: NDArray[np.uint8],
    plan: Plan,
    each_round: Callable[[], object] = lambda: None,
) -> dict[str, Any]:
    """Return rows `tiles`, their `ratios` and what was `missing`; `tile` is uint8 (1, h, w, 3), RGB.

    The graph's own time: the tile already lies in the input tensor. All models and runtimes take turns in one race a
    number of threads.
    """
    rows: list[dict[str, Any]] = []
    ratios: list[dict[str, Any]] = []
    missing: dict[Key, str] = {}
    for n in threads:
        interpreters = _load(contenders, runtimes, n, tile, missing)
        samples = race(
            {" / ".join(key): bare.invoke for key, bare in interpreters.items()}, plan, each_round=each_round
        )
        timed = dict(zip(interpreters, samples.values(), strict=True))
        rows += [
            {"model": label, "interpreter": runtime, "threads": n, "microseconds": spread(found.microseconds)}
            for (label, runtime), found in timed.items()
        ]
        ratios += _ratios(contenders, runtimes, timed, n)
    absent = [{"model": label, "interpreter": runtime, "reason": why} for (label, runtime), why in missing.items()]
    return {"tiles": rows, "tile_ratios": ratios, "missing": absent}


def _load(
    contenders: Sequence[Contender],
    runtimes: Sequence[str],
    threads: int,
    tile: NDArray[np.uint8],
    missing: dict[Key, str],
) -> dict[Key, BareInterpreter]:
    loaded: dict[Key, BareInterpreter] = {}
    for runtime in runtimes:
        for contender in contenders:
            try:
                bare = BareInterpreter(contender.model, runtime, threads)
            except (MissingDependency, BadModelFile) as error:
                missing[contender.label, runtime] = str(error)
                continue
            bare.load(bare.store(tile))
            loaded[contender.label, runtime] = bare
    return loaded


def _ratios(
    contenders: Sequence[Contender], runtimes: Sequence[str], timed: dict[Key, Samples], threads: int
) -> list[dict[str, Any]]:
    return [
        {"model": one.label, "against": other.label, "interpreter": runtime, "threads": threads}
        | ratio(timed[one.label, runtime], timed[other.label, runtime])
        for runtime in runtimes
        for one, other in pairs(contenders)
        if (one.label, runtime) in timed and (other.label, runtime) in timed
    ]


def time_batches(
    contenders: Sequence[Contender],
    runtime: str,
    threads: Sequence[int],
    batches: Sequence[int],
    tiles: NDArray[np.uint8],
    plan: Plan,
    each_round: Callable[[], object] = lambda: None,
) -> list[dict[str, Any]]:
    """Return a row an int8 model, number of threads and batch: µs a tile, copied in and out; `tiles` are repeated."""
    rows: list[dict[str, Any]] = []
    for n in threads:
        calls: dict[str, Callable[[], object]] = {}
        keys = []
        for contender in filter(lambda c: c.is_int8, contenders):
            for batch in batches:
                bare = BareInterpreter(contender.model, runtime, n, batch)
                stored = bare.store(np.resize(tiles, (batch, *tiles.shape[1:])))
                calls[f"{contender.label} x{batch}"] = functools.partial(bare.run, stored)
                keys.append((contender.label, bare.runtime, batch))
        for (label, used, batch), found in zip(keys, race(calls, plan, each_round=each_round).values(), strict=True):
            figures = spread(found.microseconds / batch)
            rows.append(
                {"model": label, "interpreter": used, "threads": n, "batch": batch, "microseconds_a_tile": figures}
            )
    return rows
