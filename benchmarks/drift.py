"""Does the watch over the instrument speak when something goes wrong, and only then? And can tissue tell a scale?

Fields of real slides are enlarged to a camera's scale and lit by a lamp with a falloff; after some frames something
goes wrong. Real slides hold no detail below 8 µm, so that focus and objectives are easier told apart here than there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.calibrate.blank import measure_blank
from edge_runtime.calibrate.focus import FocusBaseline, measure_focus
from edge_runtime.calibrate.tissue_check import check_tissue
from edge_runtime.calibration import STATED, Calibration, CameraId, Scale
from edge_runtime.cameras.degrade import NoiseSheet, defocus, falloff_map
from edge_runtime.cameras.stage import serpentine
from edge_runtime.drift import Watch
from edge_runtime.errors import BadInput
from edge_runtime.flat_field import GLASS_RGB, FlatField
from edge_runtime.patches import IDC_UM_PER_PX
from edge_runtime.records import Frame
from edge_runtime.stitching import Mosaic, read_patches, stitch

from .board import describe_board

FIELD_PX = 300, 400
"""(height, width) of a field on the slide, px at 4 µm: what a Pi HQ camera sees through a 4x objective."""
LEAST_DATA = 0.6
"""Share of a field that the archive must hold."""
ONSET, FRAMES = 14, 44
"""Frame from which on something is wrong, and how many there are."""
CAMERA_WHITE = 0.93 * np.asarray([1.0, 0.97, 0.94], np.float32)
"""Of bare glass, as the camera sees it, over that of the training slides: its white balance is not quite right."""
NOISE = 1.5
"""Grey levels."""
CLAIMS = (0.1, 0.25, 0.4, 0.5, 1.0, 2.0, 2.5, 4.0, 10.0)
"""Factors by which a stated scale is wrong."""

Light = NDArray[np.float32]


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong with an instrument."""

    name: str
    """In words."""
    expected: frozenset[str]
    """The alarms that are right; none: nothing is wrong."""
    spoil: Callable[[NDArray[np.uint8], Light, float, float], NDArray[np.uint8]]
    """(field as a camera would see it evenly lit, its light, how far it has come 0..1, µm per px) -> frame."""


def _lit(pixels: NDArray[np.uint8], light: Light) -> NDArray[np.uint8]:
    return np.asarray(cv2.multiply(pixels, light, dtype=cv2.CV_8U), np.uint8)


def _dimmed(to: tuple[float, float, float]) -> Callable[[NDArray[np.uint8], Light, float, float], NDArray[np.uint8]]:
    factor = np.asarray(to, np.float32)
    return lambda pixels, light, come, _: _lit(pixels, light * (1 + (factor - 1) * np.float32(come)))


def _blurred(sigma_um: float) -> Callable[[NDArray[np.uint8], Light, float, float], NDArray[np.uint8]]:
    return lambda pixels, light, come, um: _lit(defocus(pixels, sigma_um * come, um), light)


def _misted(pixels: NDArray[np.uint8], light: Light, come: float, um: float) -> NDArray[np.uint8]:
    """Blur, and lay a share of the mean light over everything: droplets scatter."""
    veil = 0.35 * come
    blurred = defocus(pixels, 4 * come, um).astype(np.float32)
    hazy = (1 - veil) * blurred + veil * blurred.mean((0, 1))
    return _lit(np.asarray(np.rint(hazy), np.uint8), light)


def _other_falloff(pixels: NDArray[np.uint8], light: Light, come: float, _: float) -> NDArray[np.uint8]:
    """Light the view as another objective would: more falloff, its centre elsewhere."""
    height, width = pixels.shape[:2]
    wide = falloff_map((2 * height, 2 * width), 0.9)[height // 2 :, width // 3 :][:height, :width]
    even = light / falloff_map((height, width), 0.25)[..., None]
    return _lit(pixels, np.asarray(even * (wide / wide.max())[..., None] * come + light * (1 - come), np.float32))


def _closer(pixels: NDArray[np.uint8], light: Light, come: float, um: float) -> NDArray[np.uint8]:
    """Show the middle of the field 2.5 times as large, as a 10x objective does where a 4x was: the light unchanged."""
    if come == 0:
        return _lit(pixels, light)
    height, width = pixels.shape[:2]
    part = pixels[int(0.3 * height) : int(0.7 * height), int(0.3 * width) : int(0.7 * width)]
    return _lit(np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8), light)


TROUBLES = (
    Trouble("none", frozenset(), _dimmed((1, 1, 1))),
    Trouble("lamp to 95 %", frozenset(), _dimmed((0.95, 0.95, 0.95))),
    Trouble("lamp to 80 %", frozenset({"lamp_dim"}), _dimmed((0.8, 0.8, 0.8))),
    Trouble("lamp to 50 %", frozenset({"lamp_dim"}), _dimmed((0.5, 0.5, 0.5))),
    Trouble("blue to 92 %", frozenset({"colour_drift"}), _dimmed((1.0, 1.0, 0.92))),
    Trouble("another objective's falloff", frozenset({"uneven_light", "lamp_dim", "lamp_bright"}), _other_falloff),
    Trouble("condensation", frozenset({"condensation", "soft_focus", "colour_drift"}), _misted),
    Trouble("defocus of 4 µm", frozenset({"soft_focus", "condensation"}), _blurred(4)),
    Trouble("10x for 4x, lit the same", frozenset({"soft_focus", "condensation"}), _closer),
)


def measure_drift(
    idc: Path, slides: Sequence[str], baseline: str, um_per_px: float, measured_at: str, each: Callable[[str], object]
) -> dict[str, Any]:
    """Return the record: every trouble on every slide, and what tissue says of a wrong scale."""
    mosaics = {slide: _read(idc, slide) for slide in (baseline, *slides)}
    instrument = _calibrated(mosaics.pop(baseline), um_per_px)
    runs: list[dict[str, Any]] = []
    checks: list[dict[str, Any]] = []
    for slide, mosaic in mosaics.items():
        each(slide)
        fields = _fields(mosaic)
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


def _read(idc: Path, slide: str) -> Mosaic:
    patches = read_patches(sorted((idc / slide).rglob("*.png")))
    if not patches:
        raise BadInput(f"expected the patches of slide {slide} in {idc}, found none; give the IDC archive's folder")
    return stitch(patches)


def _fields(mosaic: Mosaic) -> list[tuple[NDArray[np.uint8], NDArray[np.bool_]]]:
    """Return the fields of a slide that hold data enough, along a stage's path; pixels and has_data, at 4 µm per px."""
    boxes = serpentine(mosaic.rgb.shape[:2], (FIELD_PX[0] // 2, FIELD_PX[1] // 2), smallest=FIELD_PX)
    found = []
    for box in boxes:
        part = slice(box.y, box.y + FIELD_PX[0]), slice(box.x, box.x + FIELD_PX[1])
        if mosaic.has_data[part].shape == FIELD_PX and mosaic.has_data[part].mean() >= LEAST_DATA:
            found.append((_filled(mosaic.rgb[part], mosaic.has_data[part]), mosaic.has_data[part]))
    return found


def _filled(pixels: NDArray[np.uint8], has_data: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return a field whose holes are noise, which is neither glass nor smooth."""
    noise = np.random.default_rng(0).integers(60, 200, pixels.shape, np.uint8)
    return np.where(has_data[..., None], pixels, noise)


def _size(um_per_px: float) -> tuple[int, int]:
    return round(FIELD_PX[0] * IDC_UM_PER_PX / um_per_px), round(FIELD_PX[1] * IDC_UM_PER_PX / um_per_px)


def _light(um_per_px: float) -> Light:
    return np.asarray(falloff_map(_size(um_per_px), 0.25)[..., None] * CAMERA_WHITE, np.float32)


def _enlarged(pixels: NDArray[np.uint8], um_per_px: float) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(pixels, _size(um_per_px)[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)


def _calibrated(mosaic: Mosaic, um_per_px: float) -> tuple[Calibration, FlatField, Light, NoiseSheet]:
    """Calibrate the instrument on bare glass and on another slide than those that it is tried on."""
    light, sheet = _light(um_per_px), NoiseSheet(_size(um_per_px), NOISE, 0)
    glass = np.broadcast_to(np.asarray(GLASS_RGB, np.float32), light.shape)
    blank = measure_blank((sheet.over(_lit(np.rint(glass).astype(np.uint8), light), n) for n in range(4)), "")
    fields = _fields(mosaic)
    shown = [_lit(_enlarged(pixels, um_per_px), light) for pixels, _ in fields[:: max(1, len(fields) // 6)]]
    focus: FocusBaseline = measure_focus(shown, um_per_px, "")
    camera = CameraId("synthetic", "", light.shape[1], light.shape[0])
    calibration = Calibration(Scale(um_per_px, STATED), camera, "4x", "bench", blank=blank, focus=focus)
    return calibration, blank.flat_field(), light, sheet


def _run(
    slide: str,
    trouble: Trouble,
    fields: Sequence[tuple[NDArray[np.uint8], NDArray[np.bool_]]],
    instrument: tuple[Calibration, FlatField, Light, NoiseSheet],
    um_per_px: float,
) -> dict[str, Any]:
    """Return which alarms stood at each frame of a run over a slide, its fields again and again."""
    calibration, flat_field, light, sheet = instrument
    watch = Watch(calibration)
    stood: list[list[str]] = []
    for index in range(FRAMES):
        pixels, has_data = fields[index % len(fields)]
        come = float(np.clip((index - ONSET + 1) / 8, 0, 1))
        seen = sheet.over(trouble.spoil(_enlarged(pixels, um_per_px), light, come, um_per_px), index)
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


def _check_scales(
    slide: str, fields: Sequence[tuple[NDArray[np.uint8], NDArray[np.bool_]]], um_per_px: float
) -> Iterator[dict[str, Any]]:
    for pixels, has_data in fields:
        dark = np.where(has_data[..., None], pixels, np.uint8(90))
        picture = _enlarged(dark, um_per_px)
        for claim in CLAIMS:
            yield {"slide": slide, "claim": claim, "verdict": check_tissue([picture], um_per_px * claim).verdict}


def _of_claim(claim: float, checks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    mine = Counter(check["verdict"] for check in checks if check["claim"] == claim)
    return {"claim": claim, "fields": mine.total(), **{name: mine[name] for name in ("off", "agrees", "cannot_tell")}}
