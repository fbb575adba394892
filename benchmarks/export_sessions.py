"""Sessions to be exported: views of a drawn or real slide that overlap, with what is there known to the pixel."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

from edge_runtime.cameras.stage import Box
from edge_runtime.cameras.virtual_microscope import Flaws, VirtualMicroscope
from edge_runtime.model_file import ModelFile
from edge_runtime.network import Network
from edge_runtime.pipeline import Pipeline
from edge_runtime.procedural import UM_PER_PX, ProceduralSlide
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult, TileResult
from edge_runtime.session.creating import About, create_session
from edge_runtime.session.keep import pictures_of
from edge_runtime.session.options import FIELDS
from edge_runtime.session.rows import rows_of

CAMERA_UM_PER_PX = 0.8
FRAME_PX = (1080, 1920)
WOBBLE = 0.02
"""Standard deviation of where a hand puts the stage, as a share of a view."""


@dataclasses.dataclass(frozen=True)
class Recorded:
    """A session, and what nobody told it."""

    folder: Path
    """Where it lies."""
    origins_um: np.ndarray
    """float64 (n, 2): where each frame's top-left corner truly lies on the slide, µm."""


def hand_moved(size: tuple[int, int], frame: tuple[int, int], overlap: float, seed: int) -> list[Box]:
    """Return boxes (px) that cover a slide of `size` (height, width) in a serpentine, as a hand would move the stage.

    Neighbours overlap by the share `overlap` or a little more.
    """
    rng = np.random.default_rng([seed, 5])
    counts = [
        1 + max(0, -(-(whole - part) // int(part * (1 - overlap)))) for whole, part in zip(size, frame, strict=True)
    ]
    boxes = []
    for row in range(counts[0]):
        line = []
        for column in range(counts[1]):
            corner = []
            for at, count, whole, part in zip((row, column), counts, size, frame, strict=True):
                exact = (whole - part) * at / max(1, count - 1) + rng.normal() * WOBBLE * part
                corner.append(int(np.clip(exact, 0, whole - part)))
            line.append(Box(corner[1], corner[0], frame[1], frame[0]))
        boxes += line if row % 2 == 0 else line[::-1]
    return boxes


def microscope_over(
    slide: ProceduralSlide, boxes: Sequence[Box] | None, overlap: float, flaws: Flaws, frame: tuple[int, int] = FRAME_PX
) -> VirtualMicroscope:
    """Return a microscope that takes views of a slide; None: all of it, with neighbours that overlap."""
    camera = VirtualMicroscope(slide, CAMERA_UM_PER_PX, frame, flaws)
    size = tuple(int(side * UM_PER_PX / CAMERA_UM_PER_PX) for side in slide.rgb.shape[:2])
    camera.boxes = list(boxes) if boxes else hand_moved((size[0], size[1]), frame, overlap, slide.seed)
    return camera


def record(
    root: Path, camera: VirtualMicroscope, model: ModelFile, says_truth: bool, knows_origins: bool, keep: str = FIELDS
) -> Recorded:
    """Write a session of a camera's views.

    With `says_truth`, each tile is labelled by the share of carcinoma that it truly holds, instead of by the network;
    without `knows_origins`, as from a real camera, each frame lies at (0, 0).
    """
    pipeline = Pipeline(model, Network(model, "auto", 1))
    about = About("S 1", "A. Lovelace", "synthetic", "synthetic:", {"keep": keep}, model, None)
    writer = create_session(root, about, datetime.now(timezone.utc))
    origins = []
    for frame in camera.frames():
        origins.append(np.array(frame.origin_xy) * frame.um_per_px)
        result = pipeline.judge(frame)
        if says_truth:
            result = _true(frame, result, model.contract.labels)
        if not knows_origins:
            frame, result = _lost_its_place(frame, result)
        writer.write(rows_of(frame, result, datetime.now(timezone.utc)), pictures_of(frame, result, keep))
    writer.end("source_ended", datetime.now(timezone.utc))
    writer.close()
    return Recorded(writer.folder, np.array(origins))


def _true(frame: Frame, result: FrameResult, labels: Sequence[str]) -> FrameResult:
    assert frame.truth is not None and result.tile_size_px is not None
    side, tiles = round(result.tile_size_px), []
    for tile in result.tiles:
        x, y = tile.x - frame.origin_xy[0], tile.y - frame.origin_xy[1]
        share = float(frame.truth[y : y + side, x : x + side].mean())
        label = labels[-1] if share >= 0.5 else labels[0]
        tiles.append(TileResult(tile.x, tile.y, share, label))
    return dataclasses.replace(result, tiles=tuple(tiles))


def _lost_its_place(frame: Frame, result: FrameResult) -> tuple[Frame, FrameResult]:
    x, y = frame.origin_xy
    tiles = tuple(dataclasses.replace(tile, x=tile.x - x, y=tile.y - y) for tile in result.tiles)
    return dataclasses.replace(frame, origin_xy=(0, 0)), dataclasses.replace(result, tiles=tiles, origin_xy=(0, 0))
