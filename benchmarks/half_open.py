"""Measure what clients that hold connections for nothing cost: the operator's time, and the frames."""

from __future__ import annotations

import http.client
import subprocess
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from edge_runtime.errors import CheckFailed

from .board import describe_board, describe_state
from .half_open_clients import EACH, HALF_OPEN, ONE, REST
from .paced_camera import paced_camera
from .serving import clients_of, frames_now, serving

SOURCE = "synthetic:?rounds=1000000"
"""Drawn as fast as it is judged: nothing is left over for strangers."""
PACE = 10.0
"""Frames a second of the camera that does not wait; the default of a Pi's."""
SETTLE_S = 2.0
EVERY_S = 0.2
"""So often the operator's page asks."""
TOO_LATE_S = 30.0
_PATHS = ("/", "/page/style.css", "/api/v1/state", "/api/v1/views/newest")


def measure_half_open(turns: int, turn_s: float, measured_at: str) -> dict[str, Any]:
    """Return the record."""
    before = describe_state()
    rows = _rows(SOURCE, None, turns, turn_s)
    with paced_camera(PACE) as source:
        rows += _rows(source, PACE, turns, turn_s)
    return {
        "benchmark": "half_open",
        "schema_version": 2,
        "measured_at": measured_at,
        "board": describe_board(),
        "state_before": before,
        "state_after": describe_state(),
        "half_open": HALF_OPEN,
        "turn_s": turn_s,
        "rows": rows,
    }


def _rows(source: str, pace: float | None, turns: int, turn_s: float) -> list[dict[str, Any]]:
    """Return a row a way of holding connections, over one source; `pace` is its frames a second, None: it waits."""
    with serving(source) as (url, process), clients_of("benchmarks.half_open_clients", url) as clients:
        _turn(url, process, SETTLE_S)
        return [{"pace": pace, **_measure(url, process, clients, way, turns, turn_s)} for way in (ONE, EACH)]


def lost(row: dict[str, Any]) -> float | None:
    """Return the share of a camera's frames that were not judged while connections were held; None: it waits."""
    return None if row["pace"] is None else max(0.0, 1 - row["mean_fps_held"] / row["pace"])


def _measure(
    url: str,
    process: subprocess.Popen[str],
    clients: Callable[[str], dict[str, Any]],
    way: str,
    turns: int,
    turn_s: float,
) -> dict[str, Any]:
    pairs, held = [], []
    for _ in range(turns):
        clients(REST)
        alone = _turn(url, process, turn_s)
        clients(way)
        pairs.append((alone, _turn(url, process, turn_s)))
        held.append(clients(REST))
    if any(each["opened"] <= HALF_OPEN for each in held):
        raise CheckFailed(f"expected more than {HALF_OPEN} connections to be opened, found {held}")
    fps = np.array([[each["fps"] for each in pair] for pair in pairs])
    seconds = [[second for pair in pairs for second in pair[n]["seconds"]] for n in (0, 1)]
    return {
        "way": way,
        "turns": turns,
        "fps_alone": round(float(np.median(fps[:, 0])), 2),
        "fps_held": round(float(np.median(fps[:, 1])), 2),
        "ratio": round(float(np.median(fps[:, 1] / fps[:, 0])), 4),
        "ratio_of_sums": round(float(fps[:, 1].sum() / fps[:, 0].sum()), 4),
        "mean_fps_held": round(float(fps[:, 1].mean()), 3),
        "asked": len(seconds[1]),
        "operator_ms_alone": _spread(seconds[0]),
        "operator_ms_held": _spread(seconds[1]),
        "opened": int(sum(each["opened"] for each in held)),
        "closed": int(sum(each["closed"] for each in held)),
    }


def _spread(seconds: list[float]) -> dict[str, float]:
    p50, p99, longest = (round(1e3 * float(each), 1) for each in np.quantile(seconds, (0.5, 0.99, 1)))
    return {"p50": p50, "p99": p99, "max": longest}


def _turn(url: str, process: subprocess.Popen[str], seconds: float) -> dict[str, Any]:
    """Return frames a second over so long, while an operator's page asks, and how long each of its answers took, s."""
    time.sleep(SETTLE_S)
    frames, began, _ = frames_now(url, process)
    took: list[float] = []
    while time.perf_counter() - began < seconds:
        took.append(_ask(url, _PATHS[len(took) % len(_PATHS)]))
        time.sleep(max(0.0, EVERY_S - took[-1]))
    more, ended, _ = frames_now(url, process)
    return {"fps": (more - frames) / (ended - began), "seconds": took}


def _ask(url: str, path: str) -> float:
    """Ask over a connection of its own, the worst case; return how long it took, s."""
    parts = urlsplit(url)
    began = time.perf_counter()
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=TOO_LATE_S)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    except OSError as error:
        raise CheckFailed(f"expected an answer to {path} within {TOO_LATE_S:g} s, found {error!r}") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise CheckFailed(f"expected an answer to {path}, found status {answer.status}")
    return time.perf_counter() - began
