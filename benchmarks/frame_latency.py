"""Time a whole frame, from pixels in memory to its result, against an area resize and the bare interpreter calls."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.network import Network
from edge_runtime.optics import scaled_size, to_field
from edge_runtime.pipeline import Pipeline
from edge_runtime.procedural import TISSUES, UM_PER_PX, ProceduralSlide
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult
from edge_runtime.tiling import cut

from .bare import BareInterpreter
from .contenders import Contender
from .timing import Plan, Samples, race, ratio, spread

PIPELINE, RESIZE, ONE_BY_ONE, ONE_BATCH = "pipeline", "resize", "resize_and_tile_by_tile", "resize_and_one_batch"
BATCH, LEASTS = "batch", "leasts"
_STEP_PX = 25


@dataclass(frozen=True)
class Geometry:
    """What a camera sees."""

    height: int
    """px."""
    width: int
    """px."""
    um_per_px: float
    """µm of tissue that a pixel covers."""

    def __str__(self) -> str:
        return f"{self.width}x{self.height} at {self.um_per_px:g} µm/px"


GEOMETRIES = (Geometry(3040, 4056, 0.39), Geometry(1080, 1920, 0.8))
"""A Raspberry Pi HQ camera through a 4x objective, and full HD at the scale of `synthetic:`."""


def tissue_frame(slide: ProceduralSlide, geometry: Geometry) -> Frame:
    """Return the part of a drawn slide with the least glass as a camera would see it: refused tiles cost too little."""
    height, width = scaled_size(geometry.height, geometry.width, geometry.um_per_px, UM_PER_PX, 1)
    glass = slide.classes == TISSUES.index("glass")
    corners = [
        (y, x)
        for y in range(0, glass.shape[0] - height + 1, _STEP_PX)
        for x in range(0, glass.shape[1] - width + 1, _STEP_PX)
    ]
    y, x = min(corners, key=lambda c: int(glass[c[0] : c[0] + height, c[1] : c[1] + width].sum()))
    part = slide.rgb[y : y + height, x : x + width]
    pixels = cv2.resize(part, (geometry.width, geometry.height), interpolation=cv2.INTER_CUBIC)
    return Frame(np.asarray(pixels, np.uint8), geometry.um_per_px, 0, str(geometry))


def frame_tiles(frame: Frame, model_um_per_px: float, tile_px: int) -> NDArray[np.uint8]:
    """Return the tiles of a frame, uint8 (n, tile_px, tile_px, 3), RGB."""
    field = to_field(frame, model_um_per_px, tile_px)
    return cut(field.pixels, field.lefts, field.tops, tile_px)


def time_frames(
    contenders: Sequence[Contender],
    runtime: str,
    threads: Sequence[int],
    frames: Sequence[Frame],
    plan: Plan,
    each_round: Callable[[], object] = lambda: None,
) -> list[dict[str, Any]]:
    """Return a row a frame, int8 model and number of threads, which OpenCV is held to as well."""
    rows = []
    for frame in frames:
        for contender in filter(lambda c: c.is_int8, contenders):
            for n in threads:
                with _opencv_threads(n):
                    calls, runtime_used = _calls(contender, runtime, n, frame)
                    samples = race(calls, plan, each_round=each_round)
                rows.append(_row(contender.label, runtime_used, n, frame, samples))
    return rows


def _calls(
    contender: Contender, runtime: str, threads: int, frame: Frame
) -> tuple[dict[str, Callable[[], object]], str]:
    """Return the pipeline and its baselines, whose tiles are cut and stored beforehand: no gates, no Python around."""
    contract = contender.model.contract
    network = Network(contender.model, runtime, threads)
    pipeline = Pipeline(contender.model, network)
    tiles = frame_tiles(frame, contract.um_per_px, contract.tile_px)
    single = BareInterpreter(contender.model, network.runtime, threads)
    whole = BareInterpreter(contender.model, network.runtime, threads, len(tiles))
    stored = single.store(tiles)
    singles = [stored[n : n + 1] for n in range(len(stored))]
    height, width = frame.pixels.shape[:2]
    size = scaled_size(height, width, frame.um_per_px, contract.um_per_px, contract.tile_px)[::-1]

    def resize() -> object:
        return cv2.resize(frame.pixels, size, interpolation=cv2.INTER_AREA)

    def one_by_one() -> object:
        return resize(), [single.run(tile) for tile in singles]

    def one_batch() -> object:
        return resize(), whole.run(stored)

    calls: dict[str, Callable[[], object]] = {PIPELINE: lambda: pipeline.judge(frame), RESIZE: resize}
    calls |= {ONE_BY_ONE: one_by_one, ONE_BATCH: one_batch, BATCH: lambda: whole.run(stored)}
    return calls, network.runtime


def _row(label: str, runtime: str, threads: int, frame: Frame, samples: dict[str, Samples]) -> dict[str, Any]:
    results: list[FrameResult] = samples[PIPELINE].values
    first = results[0]
    stages = {
        stage: spread(np.array([result.milliseconds[stage] for result in results])) for stage in first.milliseconds
    }
    return {
        "frame": frame.source,
        "size_px": frame.pixels.shape[:2],
        "um_per_px": frame.um_per_px,
        "grid": first.grid,
        "tiles": len(first.tiles),
        "tiles_judged": sum(tile.reason is None for tile in first.tiles),
        "model": label,
        "interpreter": runtime,
        "threads": threads,
        "milliseconds": {name: spread(found.milliseconds) for name, found in samples.items()},
        "stages": stages,
        "ratios": {
            **{name: ratio(samples[PIPELINE], samples[name]) for name in (ONE_BY_ONE, ONE_BATCH)},
            LEASTS: _ratio_of_leasts(stages, samples),
        },
    }


def _ratio_of_leasts(stages: dict[str, dict[str, float]], samples: dict[str, Samples]) -> float:
    """Return the sum of each stage's least time over the least of a resize and a batch.

    A machine that others use, too, interrupts whole frames nearly always, and single stages not always.
    """
    least = sum(found["min"] for found in stages.values())
    return round(least / sum(float(samples[name].milliseconds.min()) for name in (RESIZE, BATCH)), 4)


@contextlib.contextmanager
def _opencv_threads(threads: int) -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(threads)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
