"""Measure what watching costs: frames classified a second with browsers watching, and with none, in turns."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from edge_runtime.errors import CheckFailed

from .board import describe_board, describe_state
from .serving import clients_of, frames_now, serving

SOURCES = {
    "1920x1080 at 0.8 µm/px": "synthetic:?rounds=1000000",
    "4056x3040 at 0.39 µm/px": "synthetic:?rounds=1000000&frame=4056x3040&um_per_px=0.39",
}
"""Drawn as fast as they are judged: no camera would leave less time for a page."""
SETTLE_S = 1.0
"""After watchers came or went, before a turn is timed."""


def measure_watchers(watchers: int, turns: int, turn_s: float, measured_at: str) -> dict[str, Any]:
    """Return the record."""
    before = describe_state()
    rows = [_measure(name, source, watchers, turns, turn_s) for name, source in SOURCES.items()]
    return {
        "benchmark": "watchers",
        "schema_version": 1,
        "measured_at": measured_at,
        "board": describe_board(),
        "state_before": before,
        "state_after": describe_state(),
        "watchers": watchers,
        "turn_s": turn_s,
        "rows": rows,
    }


def _measure(name: str, source: str, watchers: int, turns: int, turn_s: float) -> dict[str, Any]:
    with serving(source) as (url, process), _clients(url) as clients:
        _turn(url, process, SETTLE_S)
        pairs, got = [], []
        for _ in range(turns):
            clients(0)
            alone = _turn(url, process, turn_s)
            clients(watchers)
            watched = _turn(url, process, turn_s)
            got.append(clients(0))
            pairs.append((alone, watched))
    alone_fps, watched_fps = (np.array([pair[n]["fps"] for pair in pairs]) for n in (0, 1))
    if not sum(each["views"] for each in got):
        raise CheckFailed(f"expected watchers that get views, found none that did: {got[0]}")
    return {
        "source": name,
        "turns": turns,
        "fps_alone": round(float(np.median(alone_fps)), 2),
        "fps_watched": round(float(np.median(watched_fps)), 2),
        "ratio": round(float(np.median(watched_fps / alone_fps)), 4),
        "ratio_of_sums": round(float(watched_fps.sum() / alone_fps.sum()), 4),
        "cpu_alone": round(float(np.median([pair[0]["cpu"] for pair in pairs])), 3),
        "cpu_watched": round(float(np.median([pair[1]["cpu"] for pair in pairs])), 3),
        "cpu_ms_a_frame_alone": round(float(np.median([1e3 * pair[0]["cpu"] / pair[0]["fps"] for pair in pairs])), 2),
        "cpu_ms_a_frame_watched": round(float(np.median([1e3 * pair[1]["cpu"] / pair[1]["fps"] for pair in pairs])), 2),
        "views_a_second": round(sum(each["views"] for each in got) / turns / (turn_s + SETTLE_S) / watchers, 2),
        "megabytes_a_second": round(sum(each["bytes"] for each in got) / turns / (turn_s + SETTLE_S) / 1e6, 2),
        "picture_ms": round(float(np.median([each["picture_ms"] for each in got])), 1),
        "refused": int(sum(each["refused"] for each in got)),
    }


def _turn(url: str, process: subprocess.Popen[str], seconds: float) -> dict[str, float]:
    """Return the frames a second over so long, and the processor's time for them, s a second."""
    time.sleep(SETTLE_S)
    frames, began, cpu = frames_now(url, process)
    time.sleep(seconds)
    more, ended, later = frames_now(url, process)
    return {"fps": (more - frames) / (ended - began), "cpu": (later - cpu) / (ended - began)}


@contextlib.contextmanager
def _clients(url: str) -> Iterator[Callable[[int], dict[str, Any]]]:
    """Run the clients' process; give what sets how many watch, and tells what those before got."""
    with clients_of("benchmarks.watchers_clients", url) as do:

        def watch(number: int) -> dict[str, Any]:
            found = do(str(number))
            if found["failed"]:
                raise CheckFailed(f"expected clients that watch to the end, found: {found['failed'][0]}")
            return found

        yield watch
