"""Does the watch over the instrument speak when something goes wrong, and only then? And can tissue tell a scale?

Fields of real slides are enlarged to a camera's scale and lit by a lamp with a falloff; after some frames something
goes wrong. Real slides hold no detail below 8 µm, so that focus and objectives are easier told apart here than there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge_runtime.calibrate.blank import measure_blank
from edge_runtime.calibrate.focus import FocusBaseline, measure_focus
from edge_runtime.calibrate.tissue_check import check_tissue
from edge_runtime.calibration import STATED, Calibration, CameraId, Scale
from edge_runtime.cameras.degrade import NoiseSheet, lit
from edge_runtime.drift import Watch
from edge_runtime.flat_field import GLASS_RGB, FlatField
from edge_runtime.records import Frame
from edge_runtime.stitching import Mosaic

from .board import describe_board
from .drift_fields import FIELD_PX, Light, SlideField, enlarged, fields_of, light_of, read_slide, size_px
from .drift_troubles import TROUBLES, Trouble

ONSET, FRAMES = 14, 44
"""Frame from which on something is wrong, and how many there are."""
NOISE = 1.5
"""Grey levels."""
CLAIMS = (0.1, 0.25, 0.4, 0.5, 1.0, 2.0, 2.5, 4.0, 10.0)
"""Factors by which a stated scale is wrong."""

Instrument = tuple[Calibration, FlatField, Light, NoiseSheet]
"""Its calibration, the flat field of it, its light and its camera's noise."""


def measure_drift(
    idc: Path, slides: Sequence[str], baseline: str, um_per_px: float, measured_at: str, each: Callable[[str], object]
) -> dict[str, Any]:
    """Return the record: every trouble on every slide, and what tissue says of a wrong scale."""
    mosaics = {slide: read_slide(idc, slide) for slide in (baseline, *slides)}
    instrument = _calibrated(mosaics.pop(baseline), um_per_px)
    runs: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    for slide, mosaic in mosaics.items():
        each(slide)
        fields = fields_of(mosaic)
        if len(fields) >= 6:
            runs += [_run(slide, trouble, fields, instrument, um_per_px) for trouble in TROUBLES]
        checks += list(_check_scales(slide, fields[:: max(1, len(fields) // 4)][:4], um_per_px))
    return {
        "benchmark": "drift",
        "schema_version": 1,
        "measured_at": measured_at,
        "board": describe_board(),
        "um_per_px": um_per_px,
        "frames": FRAMES,
        "onset": ONSET,
        "slides": len(mosaics),
        "troubles": [_of_trouble(trouble, runs) for trouble in TROUBLES],
        "scales": [_of_claim(claim, checks) for claim in CLAIMS],
    }


def _calibrated(mosaic: Mosaic, um_per_px: float) -> Instrument:
    """Calibrate the instrument on bare glass and on another slide than those that it is tried on."""
    light, sheet = light_of(um_per_px), NoiseSheet(size_px(um_per_px), NOISE, 0)
    glass = np.broadcast_to(np.asarray(GLASS_RGB, np.float32), light.shape)
    blank = measure_blank((sheet.over(lit(np.rint(glass).astype(np.uint8), light), n) for n in range(4)), "")
    fields = fields_of(mosaic)
    shown = [lit(enlarged(pixels, um_per_px), light) for pixels, _ in fields[:: max(1, len(fields) // 6)]]
    focus: FocusBaseline = measure_focus(shown, um_per_px, "")
    camera = CameraId("synthetic", "", light.shape[1], light.shape[0])
    calibration = Calibration(Scale(um_per_px, STATED), camera, "4x", "bench", blank=blank, focus=focus)
    return calibration, blank.flat_field(), light, sheet


def _run(
    slide: str,
    trouble: Trouble,
    fields: Sequence[SlideField],
    instrument: Instrument,
    um_per_px: float,
) -> dict[str, Any]:
    """Return which alarms stood at each frame of a run over a slide, its fields again and again."""
    calibration, flat_field, light, sheet = instrument
    watch = Watch(calibration)
    stood: list[list[str]] = []
    for index in range(FRAMES):
        pixels, has_data = fields[index % len(fields)]
        come = float(np.clip((index - ONSET + 1) / 8, 0, 1))
        seen = sheet.over(trouble.spoil(enlarged(pixels, um_per_px), light, come, um_per_px), index)
        holes = cv2.resize(has_data.astype(np.uint8), seen.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 0
        reduced = np.asarray(cv2.resize(seen, FIELD_PX[::-1], interpolation=cv2.INTER_AREA), np.uint8)
        frame = Frame(seen, um_per_px, index, slide, has_data=holes)
        stood.append([alarm.reason for alarm in watch.look(flat_field.apply(reduced), frame)])
    return {"slide": slide, "trouble": trouble.name, "stood": stood}


def _of_trouble(trouble: Trouble, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    mine = [run["stood"] for run in runs if run["trouble"] == trouble.name]
    first = [
        next((n - ONSET for n, now in enumerate(stood) if n >= ONSET and trouble.expected & set(now)), None)
        for stood in mine
    ]
    told = [after for after in first if after is not None]
    wrong = Counter(
        reason for stood in mine for reason in {code for now in stood for code in now} if reason not in trouble.expected
    )
    early = sum(any(now for now in stood[:ONSET]) for stood in mine)
    return {
        "trouble": trouble.name,
        "expected": sorted(trouble.expected),
        "runs": len(mine),
        "told": len(told),
        "frames_to_alarm": float(np.median(told)) if told else None,
        "alarms_before": early,
        "other_alarms": dict(sorted(wrong.items())),
    }


def _check_scales(slide: str, fields: Sequence[SlideField], um_per_px: float) -> Iterator[dict[str, Any]]:
    for pixels, has_data in fields:
        dark = np.where(has_data[..., None], pixels, np.uint8(90))
        picture = enlarged(dark, um_per_px)
        for claim in CLAIMS:
            yield {"slide": slide, "claim": claim, "verdict": check_tissue([picture], um_per_px * claim).verdict}


def _of_claim(claim: float, checks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    mine = Counter(check["verdict"] for check in checks if check["claim"] == claim)
    return {"claim": claim, "fields": mine.total(), **{name: mine[name] for name in ("off", "agrees", "cannot_tell")}}
