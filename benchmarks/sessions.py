"""Measure the store of sessions: what a frame costs, what it takes, and what is left after kill -9."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.gates import Gatekeeper, gates_of
from edge_runtime.model_file import open_model, shipped_path
from edge_runtime.network import Network
from edge_runtime.optics import scaled_size
from edge_runtime.pipeline import Pipeline
from edge_runtime.procedural import UM_PER_PX, make_slide
from edge_runtime.session.budget import used_bytes
from edge_runtime.session.creating import About, create_session
from edge_runtime.session.keep import pictures_of
from edge_runtime.session.options import KEEP
from edge_runtime.session.rows import rows_of

from .board import describe_board, describe_state
from .frame_latency import GEOMETRIES, Geometry, tissue_frame
from .memory import MARGIN_PX
from .sessions_killed import kill_runs
from .timing import spread

_FRAMES_KEPT_WHOLE = 6
"""Whole frames take a second each, so that fewer are written."""


def measure_sessions(frames: int, kills: int, folder: Path | None, python: Path, measured_at: str) -> dict[str, Any]:
    """Return the record; sessions are written below `folder`, on the disk that is to be measured."""
    before = describe_state()
    with tempfile.TemporaryDirectory(dir=folder, prefix="sessions-") as work:
        rows = [row for geometry in GEOMETRIES for row in _cost(geometry, frames, Path(work))]
        killed = kill_runs(Path(work), kills, python) if kills else None
    return {
        "benchmark": "sessions",
        "schema_version": 1,
        "measured_at": measured_at,
        "board": describe_board(),
        "state_before": before,
        "state_after": describe_state(),
        "frames": rows,
        "killed": killed,
    }


def _cost(geometry: Geometry, frames: int, work: Path) -> list[dict[str, Any]]:
    """Return a row a level of what is kept: milliseconds and bytes a frame."""
    model = open_model(shipped_path())
    pipeline = Pipeline(model, Network(model, "auto", 1), None, Gatekeeper(gates_of(model.contract)))
    height, width = scaled_size(geometry.height, geometry.width, geometry.um_per_px, UM_PER_PX, 1)
    frame = tissue_frame(make_slide(1, (height + MARGIN_PX, width + MARGIN_PX)), geometry)
    judged: list[float] = []
    for _ in range(10):
        began = time.perf_counter()
        result = pipeline.judge(frame)
        judged.append(time.perf_counter() - began)
    rows = []
    for keep in KEEP:
        count = min(frames, _FRAMES_KEPT_WHOLE) if keep == "frames" else frames
        about = About("", "", "", "benchmark", {}, model, None)
        writer = create_session(work / f"{geometry.width}-{keep}", about, datetime.now(timezone.utc))
        empty, before = used_bytes(writer.folder), _written()
        encode, commit = [], []
        for index in range(count):
            numbered = dataclasses.replace(result, index=index)
            began = time.perf_counter()
            entry = rows_of(frame, numbered, datetime.now(timezone.utc)), pictures_of(frame, numbered, keep)
            encoded = time.perf_counter()
            writer.write(*entry)
            encode.append(encoded - began)
            commit.append(time.perf_counter() - encoded)
        folder = writer.folder
        after = _written()
        writer.end("frames_done", datetime.now(timezone.utc))
        writer.close()
        rows.append(
            {
                "frame": str(geometry),
                "tiles": len(result.tiles),
                "keep": keep,
                "frames": count,
                "encode_ms": spread(np.array(encode) * 1e3),
                "commit_ms": spread(np.array(commit) * 1e3),
                "judge_ms": spread(np.array(judged) * 1e3),
                "stored_kb_per_frame": round((used_bytes(folder) - empty) / count / 1e3, 1),
                "written_kb_per_frame": _per_frame(before, after, count),
            }
        )
        shutil.rmtree(folder)
    return rows


def _written() -> int | None:
    """Return how many bytes this process sent to disks so far; None where the system does not tell."""
    try:
        lines = Path("/proc/self/io").read_text().splitlines()
    except OSError:  # not Linux
        return None
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes:"))


def _per_frame(before: int | None, after: int | None, frames: int) -> float | None:
    return None if before is None or after is None else round((after - before) / frames / 1e3, 1)
