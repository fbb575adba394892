"""Compose the latency record: the board, one tile, batches, whole frames and the process."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from tqdm import tqdm

from edge_runtime.interpreters import AUTO, RUNTIMES
from edge_runtime.procedural import make_slide

from .board import describe_board, describe_state
from .contenders import Contender
from .frame_latency import GEOMETRIES, frame_tiles, time_frames, tissue_frame
from .process import time_processes
from .tile_latency import time_batches, time_tiles
from .timing import Plan
from .timing_cost import timing_cost

log = logging.getLogger(__name__)

PLANS = {
    "tiles": Plan(calls=20, settle=20),
    "batches": Plan(calls=3, settle=2),
    "frames": Plan(calls=3, settle=1),
}
"""The longer a call, the fewer a turn."""


@dataclass(frozen=True)
class Choice:
    """What a person may choose."""

    threads: tuple[int, ...] = (1, 2)
    """Numbers of threads of the interpreter, each at least 1."""
    interpreters: tuple[str, ...] = tuple(RUNTIMES)
    """Runtimes that one tile is timed in; batches and frames take the one that `cancernet run` would."""
    batches: tuple[int, ...] = (1, 8, 48)
    """Tiles a call."""
    rounds: int = 30
    """Of each race."""
    process_runs: int = 3
    """How often the command is started a source; 0 leaves it out."""


def measure_latency(contenders: Sequence[Contender], choice: Choice, measured_at: str) -> dict[str, Any]:
    """Return the record of all latency benchmarks; the process comes first, while this one still uses one core."""
    before = describe_state()
    slide = make_slide(0)
    frames = [tissue_frame(slide, geometry) for geometry in GEOMETRIES]
    contract = contenders[0].model.contract
    tiles = frame_tiles(frames[0], contract.um_per_px, contract.tile_px)
    tile = tiles[len(tiles) // 2][None]
    plans = {name: replace(plan, rounds=choice.rounds) for name, plan in PLANS.items()}
    log.info("starting `cancernet run`, then racing tiles, batches and frames: a few minutes on a small board")
    processes = time_processes(contenders[0], frames[-1], choice.process_runs) if choice.process_runs else []
    int8 = sum(contender.is_int8 for contender in contenders)
    races = len(choice.threads) * (2 + len(frames) * int8)
    with tqdm(
        total=races * (choice.rounds + plans["tiles"].warmup),
        unit="round",
        desc="latency",
        disable=not sys.stderr.isatty(),
    ) as bar:
        one = time_tiles(contenders, choice.interpreters, choice.threads, tile, plans["tiles"], bar.update)
        batches = time_batches(
            contenders, AUTO, choice.threads, choice.batches, tiles, plans["batches"], each_round=bar.update
        )
        whole = time_frames(contenders, AUTO, choice.threads, frames, plans["frames"], bar.update)
    for line in {f"{absent['interpreter']}: {absent['reason']}" for absent in one["missing"]}:
        log.warning("not timed: %s", line)
    return {
        "benchmark": "latency",
        "schema_version": 1,
        "measured_at": measured_at,
        "board": describe_board(),
        "state_before": before,
        "state_after": describe_state(),
        "models": [contender.describe() for contender in contenders],
        "plans": {name: asdict(plan) for name, plan in plans.items()},
        **one,
        "batches": batches,
        "frames": whole,
        "timing_cost_us": timing_cost(),
        "processes": processes,
    }
