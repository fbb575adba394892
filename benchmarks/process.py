"""Measure the process that a person starts: `cancernet run`, from the command to its first result, and its memory."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge_runtime.errors import CheckFailed
from edge_runtime.records import Frame

from .contenders import Contender

FRAMES = 3
FORBIDDEN = ("tensorflow", "tf_keras", "keras")
_CHECKOUT = Path(__file__).resolve().parents[1]
_IMPORT_LINE = "import time:"


def time_processes(
    contender: Contender, frame: Frame, runs: int, each_run: Callable[[], object] = lambda: None
) -> list[dict[str, Any]]:
    """Return a row a source: the drawn slide, whose drawing takes its share, and pictures of a frame on disk."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = Path(folder, "pictures")
        pictures.mkdir()
        for n in range(FRAMES):
            cv2.imwrite(str(pictures / f"{n}.png"), cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2BGR))
        sources = {
            "synthetic:": ["synthetic:"],
            f"{FRAMES} PNG of {frame.source}": [str(pictures), "--um-per-px", str(frame.um_per_px)],
        }
        return [_time_source(name, source, contender, Path(folder), runs, each_run) for name, source in sources.items()]


def _time_source(
    name: str, source: Sequence[str], contender: Contender, folder: Path, runs: int, each_run: Callable[[], object]
) -> dict[str, Any]:
    given = ["-m", "edge_runtime", "run", *source, "--frames", str(FRAMES), "--out", str(folder / "out"), "--overwrite"]
    given += ["--model", str(Path(contender.model.name).resolve())]
    measured = []
    for _ in range(runs + 1):  # the first one warms the system's file cache and is not counted
        found = json.loads(_run([sys.executable, "-m", "benchmarks.launcher", sys.executable, *given]).stdout)
        if found["exit_code"] != 0:
            raise CheckFailed(f"expected `cancernet run` to end with 0, found {found['exit_code']}: run it by itself")
        measured.append(found)
        each_run()
    modules = imported_modules(_run([sys.executable, "-X", "importtime", *given]).stderr)
    return {
        "source": name,
        "model": contender.label,
        "frames": FRAMES,
        "wall_s": _few([found["wall_s"] for found in measured[1:]]),
        "first_result_s": _few([found["first_line_s"] for found in measured[1:]]),
        "cpu_s": _few([found["cpu_s"] for found in measured[1:]]),
        "peak_memory_mb": _few([found["peak_memory_mb"] for found in measured[1:]]),
        "modules": len(modules),
        "forbidden_modules": sorted({m.split(".")[0] for m in modules} & set(FORBIDDEN)),
    }


def imported_modules(import_times: str) -> list[str]:
    """Return the modules that `python -X importtime` reported on standard error."""
    lines = [line for line in import_times.splitlines() if line.startswith(_IMPORT_LINE)]
    return [line.rsplit("|", 1)[1].strip() for line in lines[1:]]  # the first is the header


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    found = subprocess.run(command, capture_output=True, text=True, cwd=_CHECKOUT, check=False)
    if found.returncode != 0:
        last = [line for line in found.stderr.splitlines() if not line.startswith(_IMPORT_LINE)][-3:]
        raise CheckFailed(f"expected `cancernet run` to end with 0, found {found.returncode}: {' '.join(last)}")
    return found


def _few(values: Sequence[float | None]) -> dict[str, float] | None:
    """Return median, extremes and count of a few runs, too few for a tail; None where the system does not tell."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    figures = {"median": float(np.median(known)), "min": min(known), "max": max(known)}
    return {name: round(value, 3) for name, value in figures.items()} | {"count": len(known)}
