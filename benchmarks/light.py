"""What a lamp, a vignette and a wrong white balance do to probabilities, with the calibration at work and without it.

Fields of real slides are enlarged to a camera's scale and lit; the instrument was calibrated on bare glass under the
same light. Each is held against the same field under even, white light.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.calibrated import Calibrated, calibrated_gates
from edge_runtime.calibration import Calibration
from edge_runtime.cameras.degrade import NoiseSheet
from edge_runtime.drift import Limits, Watch
from edge_runtime.errors import BadInput
from edge_runtime.gates import Gatekeeper, gates_of
from edge_runtime.model_file import ModelFile
from edge_runtime.network import Network
from edge_runtime.optics import to_field
from edge_runtime.pipeline import Pipeline
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult

from .board import describe_board
from .drift_fields import fields_of, read_slide, size_px
from .light_lamps import LAMPS, calibration_under, photographed
from .timing import Plan, race

FIELDS_A_SLIDE = 6
"""Fields of a slide at most."""
NOISE = 1.5
"""Grey levels."""


def measure_light(
    idc: Path, slides: Sequence[str], model: ModelFile, um_per_px: float, at: str, each: Callable[[str], object]
) -> dict[str, Any]:
    """Return the record: every lamp over every slide, and what it costs to even the light and to watch for drift."""
    network, sheet = Network(model), NoiseSheet(size_px(um_per_px), NOISE, 0)
    rows: dict[tuple[str, bool], list[NDArray[np.float64]]]
    rows = {(lamp.name, use): [] for lamp in LAMPS for use in (False, True)}
    frame = None
    for slide in slides:
        each(slide)
        fields = fields_of(read_slide(idc, slide))
        fields = fields[:: max(1, len(fields) // FIELDS_A_SLIDE)][:FIELDS_A_SLIDE]
        if not fields:
            continue
        frames = [photographed(fields, lamp, um_per_px, sheet) for lamp in LAMPS]
        true = _probabilities(_pipeline(model, network, None), frames[0])
        for lamp, seen in zip(LAMPS, frames, strict=True):
            for use in (False, True):
                calibration = calibration_under(lamp, um_per_px, sheet) if use else None
                found = _probabilities(_pipeline(model, network, calibration), seen)
                rows[lamp.name, use].append(np.stack([*true, *found]))
        frame = frames[0][0]
    if frame is None:
        raise BadInput(f"expected slides with whole fields, found none among {', '.join(slides)}; give others")
    return {
        "benchmark": "light",
        "schema_version": 1,
        "measured_at": at,
        "board": describe_board(),
        "model": {"name": model.contract.name, "version": model.contract.version, "sha256": model.sha256},
        "um_per_px": um_per_px,
        "slides": sum(len(found) for found in rows.values()) // len(rows),
        "lamps": [_row(name, use, np.concatenate(found, 1)) for (name, use), found in rows.items()],
        "costs": _costs(frame, model, calibration_under(LAMPS[-1], um_per_px, sheet)),
    }


def _pipeline(model: ModelFile, network: Network, calibration: Calibration | None) -> Pipeline:
    """Return a pipeline for another slide."""
    gates = gates_of(model.contract)
    if calibration is None:
        return Pipeline(model, network, None, Gatekeeper(gates))
    keeper = calibrated_gates(calibration, gates)
    return Pipeline(model, network, None, keeper, calibrated=Calibrated(calibration))


def _probabilities(pipeline: Pipeline, frames: Sequence[Frame]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return probabilities, float64 (n,), NaN where refused, and whether each is called positive, NaN likewise."""
    results: list[FrameResult] = [pipeline.judge(frame) for frame in frames]
    tiles = [tile for result in results for tile in result.tiles]
    positive = pipeline.contract.labels[1]
    return (
        np.array([np.nan if tile.probability is None else tile.probability for tile in tiles]),
        np.array([np.nan if tile.label is None else tile.label == positive for tile in tiles]),
    )


def _row(name: str, use: bool, found: NDArray[np.float64]) -> dict[str, Any]:
    """Return the figures of one lamp; `found` (4, n): probability and label in even light, and in this one."""
    true, true_label, now, label = found[:, np.isfinite(found[0])]
    both = np.isfinite(now)
    off = np.abs(now - true)[both]
    return {
        "lamp": name,
        "calibrated": use,
        "tiles": int(true.size),
        "refused": round(float(1 - both.mean()), 4),
        "mean_difference": round(float(off.mean()), 4) if both.any() else None,
        "p95_difference": round(float(np.quantile(off, 0.95)), 4) if both.any() else None,
        "other_label": round(float((label != true_label)[both].mean()), 4) if both.any() else None,
    }


def _costs(frame: Frame, model: ModelFile, calibration: Calibration) -> dict[str, float]:
    """Return what the stages of a calibrated run and one area resize of the frame take at least, one thread, ms.

    The watch looks at detail in every second view; here in each.
    """
    contract, frame = model.contract, dataclasses.replace(frame, has_data=None)  # no camera has holes
    field = to_field(frame, contract.um_per_px, contract.tile_px)
    calibrated, watch = Calibrated(calibration), Watch(calibration, Limits(every=1))
    size = field.pixels.shape[1::-1]
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        samples = race(
            {
                "resize": lambda: cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA),
                "light": lambda: calibrated.evened(frame, field),
                "drift": lambda: watch.look(field.pixels, frame),
            },
            Plan(rounds=40, calls=4, settle=2),
        )
    finally:
        cv2.setNumThreads(threads)
    return {name: round(float(found.milliseconds.min()), 4) for name, found in samples.items()}
