"""Measure what watching costs: frames classified a second with browsers watching, and with none, in turns."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from edge_runtime.errors import CheckFailed

from .board import describe_board, describe_state

SOURCES = {
    "1920x1080 at 0.8 µm/px": "synthetic:?rounds=1000000",
    "4056x3040 at 0.39 µm/px": "synthetic:?rounds=1000000&frame=4056x3040&um_per_px=0.39",
}
"""Drawn as fast as they are judged: no camera would leave less time for a page."""
SETTLE_S = 1.0
"""After watchers came or went, before a turn is timed."""
_CHECKOUT = Path(__file__).resolve().parents[1]


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
    with _serving(source) as (url, process), _clients(url) as clients:
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
    frames, began, cpu = _now(url, process)
    time.sleep(seconds)
    more, ended, later = _now(url, process)
    return {"fps": (more - frames) / (ended - began), "cpu": (later - cpu) / (ended - began)}


def _now(url: str, process: subprocess.Popen[str]) -> tuple[int, float, float]:
    """Return the frames so far, the time, and the time of the processor that the instrument took, s."""
    with urllib.request.urlopen(f"{url}api/v1/state", timeout=60) as answer:
        frames = json.load(answer)["frames"]
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return frames, time.perf_counter(), (int(fields[11]) + int(fields[12])) / 100


@contextlib.contextmanager
def _serving(source: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a source in a process of its own; give where, and the process, once frames are judged."""
    command = [sys.executable, "-m", "edge_runtime", "serve", source, "--port", "0", "--looks", "off"]
    with subprocess.Popen(command, cwd=_CHECKOUT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            url = next((line.split()[-1] for line in process.stderr if "the page is at" in line), None)
            if url is None:
                raise CheckFailed("expected `cancernet serve` to start, found that it ended: run it by itself")
            while not _now(url, process)[0]:
                time.sleep(0.2)
            yield url, process
        finally:
            process.terminate()
            process.communicate()


@contextlib.contextmanager
def _clients(url: str) -> Iterator[Any]:
    """Run the clients' process; give what sets how many watch, and tells what those before got."""
    parts = urlsplit(url)
    command = [sys.executable, "-m", "benchmarks.watchers_clients", str(parts.hostname), str(parts.port)]
    with subprocess.Popen(command, cwd=_CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None

        def watch(number: int) -> dict[str, Any]:
            process.stdin.write(f"{number}\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            found: dict[str, Any] = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            if found["failed"]:
                raise CheckFailed(f"expected clients that watch to the end, found: {found['failed'][0]}")
            return found

        yield watch
        process.stdin.close()
