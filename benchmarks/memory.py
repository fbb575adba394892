"""Measure the memory of `cancernet run` over thousands of frames: how much at once, and whether it stays flat."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge_runtime.errors import BadInput, CheckFailed
from edge_runtime.optics import scaled_size
from edge_runtime.procedural import UM_PER_PX, make_slide

from .board import describe_board, describe_state
from .contenders import Contender
from .frame_latency import Geometry, tissue_frame

PICTURES = 4
"""So many different ones take turns."""
JPEG_QUALITY = 92
MARGIN_PX = 100
"""By which the drawn slides are larger than a frame, px at 4 µm, so that one with little glass can be chosen."""
_CHECKOUT = Path(__file__).resolve().parents[1]


def measure_memory(
    contender: Contender, geometry: Geometry, frames: int, python: Path, overlays: bool, measured_at: str
) -> dict[str, Any]:
    """Return the record of one run over `frames` JPEGs as a camera makes them, by another Python's `cancernet`."""
    if not Path("/proc/self/status").exists():
        raise BadInput("expected Linux, whose /proc tells a process's memory; measure on the device itself")
    before = describe_state()
    with tempfile.TemporaryDirectory() as folder:
        pictures = write_pictures(Path(folder, "pictures"), geometry, frames)
        command = [str(python), "-m", "edge_runtime", "run", str(pictures), "--um-per-px", str(geometry.um_per_px)]
        command += ["--model", str(Path(contender.model.name).resolve()), "--out", str(Path(folder, "out"))]
        samples, peak_mb = follow(command if overlays else [*command, "--no-overlay"], frames)
    return {
        "benchmark": "memory",
        "schema_version": 1,
        "measured_at": measured_at,
        "board": describe_board(),
        "state_before": before,
        "state_after": describe_state(),
        "model": contender.describe(),
        "frame": str(geometry),
        "overlays": overlays,
        "resident_mb": {"peak": round(peak_mb, 1), **flatness(samples)},
    }


def write_pictures(folder: Path, geometry: Geometry, number: int) -> Path:
    """Write some JPEGs of drawn tissue, and links to them until there are `number`; return their folder."""
    folder.mkdir(parents=True)
    height, width = scaled_size(geometry.height, geometry.width, geometry.um_per_px, UM_PER_PX, 1)
    for n in range(min(PICTURES, number)):
        pixels = tissue_frame(make_slide(n, (height + MARGIN_PX, width + MARGIN_PX)), geometry).pixels
        cv2.imwrite(str(folder / f"{n:06d}.jpg"), pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    for n in range(PICTURES, number):
        os.link(folder / f"{n % PICTURES:06d}.jpg", folder / f"{n:06d}.jpg")
    return folder


def follow(command: Sequence[str], frames: int) -> tuple[NDArray[np.float64], float]:
    """Run a command that writes a line a frame; return its memory at each line and its peak, MB (1e6 bytes)."""
    samples, peak = [], 0.0
    with (
        tempfile.TemporaryFile("w+") as talk,  # a pipe that nobody reads would fill
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=talk, cwd=_CHECKOUT, text=True) as process,
    ):
        assert process.stdout is not None  # it was asked for
        status = Path(f"/proc/{process.pid}/status")
        for _ in tqdm(process.stdout, total=frames, unit="frame", desc="memory", disable=not sys.stderr.isatty()):
            text = status.read_text()
            samples.append(_megabytes(text, "VmRSS:"))
            peak = max(peak, _megabytes(text, "VmHWM:"))
        process.wait()
        talk.seek(0)
        said = talk.read()
    if process.returncode != 0 or len(samples) != frames:
        raise CheckFailed(
            f"expected `cancernet run` to end with 0 after {frames} frames, found {process.returncode} after "
            f"{len(samples)}: {' '.join(said.splitlines()[-3:])}"
        )
    return np.array(samples), peak


def flatness(samples: NDArray[np.float64]) -> dict[str, Any]:
    """Return what memory did after the start: medians of the second and the last tenth of a run, and its growth.

    Growth is between these two and, over all frames but the first tenth, the slope of the line of least squares. In the
    first tenth, caches and the allocator find their size.
    """
    tenth = max(1, len(samples) // 10)
    slope, _ = np.polyfit(np.arange(tenth, len(samples)), samples[tenth:], 1)
    early, late = float(np.median(samples[tenth : 2 * tenth])), float(np.median(samples[-tenth:]))
    shown = sorted({min(len(samples), n) for n in (1, 10, 100, 1000, 3000, 10_000, len(samples))})
    return {
        "at_frame": {str(n): round(float(samples[n - 1]), 1) for n in shown},
        "highest_sample": round(float(samples.max()), 1),
        "second_tenth": round(early, 1),
        "last_tenth": round(late, 1),
        "growth": round(late - early, 1),
        "growth_by_1000_frames": round(1000 * float(slope), 3),
        "frames": len(samples),
    }


def _megabytes(status: str, key: str) -> float:
    return next((int(line.split()[1]) * 1024 / 1e6 for line in status.splitlines() if line.startswith(key)), 0.0)
