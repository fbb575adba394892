"""Measure what is exported against what is there: shapes and mosaic of a drawn slide, against its truth."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge_runtime.cameras.virtual_microscope import CARCINOMA, Flaws
from edge_runtime.export.ground import areas_um2, ground_of
from edge_runtime.export.job import Export
from edge_runtime.export.kinds import GEOJSON, HEAT, MOSAIC
from edge_runtime.model_file import open_model, shipped_path
from edge_runtime.procedural import UM_PER_PX, ProceduralSlide, make_slide
from edge_runtime.session.reading import read_session

from .board import describe_board, describe_state
from .export_sessions import Recorded, microscope_over, record

SIZE_PX = (1400, 1800)
OVERLAP = 0.15
FLAWS = Flaws(noise=4, falloff=0.3)
"""A camera that nobody calibrated."""


def measure_export(seeds: list[int], slides: list[Path], measured_at: str) -> dict[str, Any]:
    """Return the record: a row a slide and way of placing, and how views find their neighbours."""
    from .export_matching import measure_matching

    before, rows = describe_state(), []
    with tempfile.TemporaryDirectory(prefix="export-") as work:
        for seed in seeds:
            rows += _rows(make_slide(seed, SIZE_PX), Path(work, str(seed)))
    return {
        "benchmark": "export",
        "schema_version": 1,
        "measured_at": measured_at,
        "board": describe_board(),
        "state_before": before,
        "slides": rows,
        "matching": measure_matching(seeds[0], slides),
        "state_after": describe_state(),
    }


def _rows(slide: ProceduralSlide, work: Path) -> list[dict[str, Any]]:
    """Return a row with the places told and one without, both by tiles labelled as the truth is; and the network's."""
    model = open_model(shipped_path())
    rows = []
    for knows in (True, False):
        recorded = record(work / str(knows), microscope_over(slide, None, OVERLAP, FLAWS), model, True, knows)
        rows.append({"seed": slide.seed, "places": "told" if knows else "found", **_exported(slide, recorded)})
    recorded = record(work / "network", microscope_over(slide, None, OVERLAP, FLAWS), model, False, True)
    with read_session(recorded.folder) as session:
        said = areas_um2(ground_of(Export(session, work).placed))["positive"]
    rows[0]["area_by_network"] = said / _truth_um2(slide) - 1
    return rows


def _exported(slide: ProceduralSlide, recorded: Recorded) -> dict[str, Any]:
    """Export a session whose labels are the truth; return how far its files are from it."""
    import tifffile

    out = recorded.folder / "out"
    with read_session(recorded.folder) as session:
        export = Export(session, out)
        began = time.perf_counter()
        placed = export.placed
        placing_s = time.perf_counter() - began
        paths = {kind: export.write(kind) for kind in (GEOJSON, MOSAIC, HEAT)}
        places = np.array([(view.left_um, view.top_um) for view in placed.views if view.piece == 0])
        frames = [view.frame for view in placed.views if view.piece == 0]
    corner = recorded.origins_um[frames].min(0)
    off = np.hypot(*(places - places.min(0) - (recorded.origins_um[frames] - corner)).T)
    collection = json.loads(paths[GEOJSON].read_text())
    mosaic, heat = tifffile.imread(paths[MOSAIC]), tifffile.imread(paths[HEAT])
    truth = (slide.classes == CARCINOMA).astype(np.uint8)
    left, top = np.rint(corner / UM_PER_PX).astype(int)
    there = np.s_[top : top + mosaic.shape[0], left : left + mosaic.shape[1]]
    shapes = _drawn(collection, mosaic.shape[:2])
    return {
        "views": len(recorded.origins_um),
        "pieces": placed.pieces,
        "placing_s": placing_s,
        "place_off_um": float(off.max()),
        "mosaic_off_um": _shift_px(mosaic, slide.rgb[there]) * UM_PER_PX,
        "area_geojson": _area_um2(collection) / _truth_um2(slide) - 1,
        "area_heat": float(np.maximum(heat.astype(float) - 1, 0).sum() / 254) * UM_PER_PX**2 / _truth_um2(slide) - 1,
        "centre_off_um": _centre_off_px(shapes, truth[there]) * UM_PER_PX,
        "overlap_with_truth": float((shapes & truth[there]).sum() / (shapes | truth[there]).sum()),
    }


def _truth_um2(slide: ProceduralSlide) -> float:
    return float((slide.classes == CARCINOMA).sum()) * UM_PER_PX**2


def _regions(collection: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in collection["features"] if "area µm^2" in each["properties"]["measurements"]]


def _area_um2(collection: dict[str, Any]) -> float:
    """Return the area of the regions, from their outlines in px as a reader gets them."""
    from shapely.geometry import shape

    px = sum(shape(each["geometry"]).area for each in _regions(collection))
    return float(px * collection["cancernet"]["um_per_px"] ** 2)


def _drawn(collection: dict[str, Any], size: tuple[int, ...]) -> np.ndarray:
    """Return uint8 (h, w), 1 within the regions."""
    mask = np.zeros(size[:2], np.uint8)
    for each in _regions(collection):
        rings = [np.rint(np.array(ring)).astype(np.int32) for ring in each["geometry"]["coordinates"]]
        cv2.fillPoly(mask, rings, [1])  # even-odd: holes stay out
    return mask


def _centre_off_px(one: np.ndarray, other: np.ndarray) -> float:
    """Return how far the centres of two masks are from each other, px."""
    centres = [np.argwhere(mask).mean(0) for mask in (one, other)]
    return float(np.hypot(*(centres[0] - centres[1])))


def _shift_px(mosaic: np.ndarray, slide: np.ndarray) -> float:
    """Return by how many px a mosaic is off the slide at most, over parts of 200 px with tissue."""
    side, worst = 200, 0.0
    for top in range(0, mosaic.shape[0] - side, side):
        for left in range(0, mosaic.shape[1] - side, side):
            part = np.s_[top : top + side, left : left + side]
            greys = [cv2.cvtColor(each[part], cv2.COLOR_RGB2GRAY).astype(np.float32) for each in (mosaic, slide)]
            if greys[1].std() < _TISSUE:
                continue
            window = cv2.createHanningWindow((side, side), cv2.CV_32F)
            (x, y), _ = cv2.phaseCorrelate(greys[0], greys[1], window)
            worst = max(worst, float(np.hypot(x, y)))
    return worst


_TISSUE = 12.0  # standard deviation of grey: glass has 2
