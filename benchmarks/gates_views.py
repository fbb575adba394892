"""Make real slides bad at the camera's scale, and count what the gates say: blur, light, hue, smear.

Fields are stitched from tiles that lie side by side, and enlarged: no picture at a camera's own scale exists here, so
detail below 8 µm is lacking from the sharp ones, too, which makes blur harder to tell, not easier.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime import metrics
from edge_runtime.gates import Gatekeeper, Gates, measure_focus
from edge_runtime.gates.stain import StainDistances
from edge_runtime.optics import to_field
from edge_runtime.records import Field, Frame
from edge_runtime.sample import Sample
from edge_runtime.stitching import Patch, stitch
from edge_runtime.tiling import cut
from train.formats import IDC
from train.recipe import TILE_PX
from train.tiles import TileSet

from .gates_conditions import AS_IT_IS, CONDITIONS, CURVES

FIELD_TILES = (4, 6)
"""(rows, columns) of a field."""
_POINTS = 200


@dataclass(frozen=True)
class View:
    """A field of real tissue, as it lies on the slide."""

    slide: str
    """Which slide it is of."""
    pixels: NDArray[np.uint8]
    """uint8 (h, w, 3), RGB, at 4 µm per px."""


def views_of(side: TileSet, most: int, seed: int = 0) -> list[View]:
    """Return up to `most` fields without a hole, drawn over the slides of a side in turn."""
    per_slide = [list(_fields(side, slide, seed)) for slide in np.unique(side.patients)]
    turns = max((len(fields) for fields in per_slide), default=0)
    return [fields[n] for n in range(turns) for fields in per_slide if n < len(fields)][:most]


def _fields(side: TileSet, slide: str, seed: int) -> Iterator[View]:
    chosen = np.flatnonzero((side.patients == slide) & (side.xs >= 0))
    rows, columns = FIELD_TILES
    if len(chosen) < rows * columns:
        return
    mosaic = stitch([Patch(int(side.xs[n]), int(side.ys[n]), side.tiles[n]) for n in chosen])
    height, width = rows * TILE_PX, columns * TILE_PX
    tall, wide = mosaic.has_data.shape
    corners = [
        (y, x)
        for y in range(0, tall - height + 1, height)
        for x in range(0, wide - width + 1, width)
        if mosaic.has_data[y : y + height, x : x + width].all()
    ]
    for n in np.random.default_rng(seed).permutation(len(corners)):
        y, x = corners[n]
        yield View(slide, mosaic.rgb[y : y + height, x : x + width])


def measure_views(gates: Gates, views: Sequence[View], um_per_px: float) -> dict[str, Any]:
    """Return what the gates say of fields at a camera's scale, by what was done to them, and the curves."""
    said: dict[str, Counter[str]] = {name: Counter() for name in CONDITIONS}
    values: dict[str, list[dict[str, NDArray[np.floating]]]] = {name: [] for name in CONDITIONS}
    for view in views:
        size = [round(length * IDC.um_per_px / um_per_px) for length in view.pixels.shape[1::-1]]
        large = np.asarray(cv2.resize(view.pixels, size, interpolation=cv2.INTER_CUBIC), np.uint8)
        for name, (_, change) in CONDITIONS.items():
            frame = Frame(change(large, um_per_px), um_per_px, 0, name)
            field = to_field(frame, IDC.um_per_px, TILE_PX)
            tiles = cut(field.pixels, field.lefts, field.tops, TILE_PX)
            reasons = Gatekeeper(gates).look_at(frame, field, tiles).reasons
            said[name].update("judged" if reason is None else reason for reason in reasons)
            values[name].append(_values(gates, frame, field, tiles))
    return {
        "um_per_px": um_per_px,
        "fields": len(views),
        "slides": len({view.slide for view in views}),
        "conditions": [
            {"condition": name, "wanted": wanted, "tiles": said[name].total(), "said": dict(said[name].most_common())}
            for name, (wanted, _) in CONDITIONS.items()
        ],
        "curves": [curve for which in CURVES if (curve := _curve(values, *which)) is not None],
    }


def _values(gates: Gates, frame: Frame, field: Field, tiles: NDArray[np.uint8]) -> dict[str, NDArray[np.floating]]:
    """Return the measures of a field, by measure and what it is of; larger is worse."""
    sample = Sample(tiles)
    found: dict[tuple[str, str], NDArray[np.floating]] = {}
    if gates.focus is not None:
        focus = measure_focus(frame.pixels, frame.um_per_px, field.shape, gates.focus)
        if focus is not None:
            sharpness = np.where(focus.contrast < gates.focus.min_contrast, 0, focus.sharpness)
            found["sharpness", "a tile"] = -sharpness
    if gates.stain is not None:
        distances = StainDistances(sample, gates.stain, float(sample.light.max()))
        found["stain_distance", "a tile"] = distances.of_tiles()
        found["stain_distance", "a view"] = np.array([distances.of_view(np.ones(len(tiles), bool))])
    if gates.saturation is not None:
        limits = gates.saturation.clipped_level, gates.saturation.stained_level
        found["clipped_share", "a tile"] = sample.clipped_share(*limits)
    found["light", "a tile"] = -sample.light
    return {" of ".join(key): value for key, value in found.items()}


def _curve(
    values: Mapping[str, Sequence[Mapping[str, NDArray[np.floating]]]], measure: str, of: str, bad: str
) -> dict[str, Any] | None:
    """Return how well a measure tells fields made bad from the same as they are, with points of its ROC."""
    key = f"{measure} of {of}"
    parts = [[found[key] for found in values[name] if key in found] for name in (AS_IT_IS, bad)]
    if not all(parts):
        return None
    good, worse = (np.concatenate(part) for part in parts)
    limits = np.unique(np.quantile(np.concatenate([good, worse]), np.linspace(0, 1, _POINTS)))
    return {
        "measure": measure,
        "of": of,
        "bad": bad,
        "auc": metrics.auc(np.repeat([0, 1], [len(good), len(worse)]), np.concatenate([good, worse])),
        "points": [[round(float((side >= limit).mean()), 4) for side in (good, worse)] for limit in limits],
    }
