"""Compose the gates' record: what they refuse of tissue, of glass and pen, and of what was made bad."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime import metrics
from edge_runtime.gates import Gates, look
from train.tiles import TileSet

from .board import describe_board
from .gates_inputs import Picture, glass_and_pen, reasons_of, refused, tuned_sides
from .gates_sweep import sweep_pen
from .gates_views import measure_views, views_of
from .inks import INKS, LIGHTS, lay_ink, relight

HOLDS_TISSUE = "almost-white-2"
"""The picture of glass with tissue in a corner: that corner is to be judged, so it says nothing of the measures."""
FILMS = ((0.3, 1.0), (0.5, 1.0), (0.8, 1.0), (1.2, 1.0), (0.8, 0.5), (0.8, 0.35), (0.8, 0.2))
"""Mean optical density of the ink laid over tissue, and the share of the tile that it covers."""
_INKED_TILES = 500


@dataclass(frozen=True)
class Fields:
    """Which fields of whole slides are made bad."""

    most: int = 24
    """How many, at most."""
    scales: tuple[float, ...] = (0.8,)
    """µm per px of the cameras that they are enlarged to."""


def measure_gates(
    gates: Gates,
    sides: Mapping[str, TileSet],
    pictures: Sequence[Picture],
    labels: tuple[str, str],
    measured_at: str,
    fields: Fields,
) -> dict[str, Any]:
    """Return the record; `sides` are tiles by the name of their split.

    The last of them that may be chosen on is used for ink, the very last for fields of whole slides.
    """
    tuned = tuned_sides(sides)
    last, whole = list(sides.items())[-1]
    views = views_of(whole, fields.most)
    name, tissue = list(tuned.items())[-1]
    drawn = np.random.default_rng(0).permutation(len(tissue))[:_INKED_TILES]
    films = _films(tissue.tiles[drawn])
    return {
        "benchmark": "gates",
        "schema_version": 1,
        "measured_at": measured_at,
        "board": describe_board(),
        "gates": {f"{key}_gate": gate and dataclasses.asdict(gate) for key, gate in vars(gates).items()},
        "labels": list(labels),
        "splits": [_side_json(gates, key, side, labels) for key, side in sides.items()],
        "pictures": [
            _counts(look(picture.tiles, gates, is_view=True).reasons) | {"picture": picture.name}
            for picture in pictures
        ],
        "measures": _measures(gates, tissue.tiles, pictures),
        "tissue": {"split": name, "inked_tiles": len(drawn)},
        "inks": [
            {"ink": ink, "density": density, "cover": cover, "refused": float(refused(gates, tiles).mean())}
            for (ink, density, cover), tiles in films.items()
        ],
        "lights": [
            {"light": light, "refused": _by_class(refused(gates, relight(tissue.tiles, gains)), tissue, labels)}
            for light, gains in LIGHTS.items()
        ],
        "split_of_views": last,
        "views": [measure_views(gates, views, scale) for scale in fields.scales] if views else [],
        "sweep": list(sweep_pen(gates, list(tuned.values()), pictures, films, labels)),
    }


def _side_json(gates: Gates, name: str, side: TileSet, labels: tuple[str, str]) -> dict[str, Any]:
    reasons = reasons_of(gates, side.tiles)
    per_class = {label: _counts(reasons[side.labels == n]) for n, label in enumerate(labels)}
    return {"split": name, "patients": len(set(side.patients.tolist())), "classes": per_class}


def _counts(reasons: NDArray[np.object_]) -> dict[str, Any]:
    found = Counter(reason for reason in reasons.tolist() if reason)
    return {"tiles": len(reasons), "judged": len(reasons) - found.total(), "reasons": dict(sorted(found.items()))}


def _by_class(lost: NDArray[np.bool_], side: TileSet, labels: tuple[str, str]) -> dict[str, float]:
    return {label: float(lost[side.labels == n].mean()) for n, label in enumerate(labels)}


def _films(tiles: NDArray[np.uint8]) -> dict[tuple[str, float, float], NDArray[np.uint8]]:
    rng = np.random.default_rng(0)
    return {(ink, *film): lay_ink(tiles, ink, *film, rng) for ink in INKS for film in FILMS}


def _measures(gates: Gates, tissue: NDArray[np.uint8], pictures: Sequence[Picture]) -> list[dict[str, Any]]:
    """Return how well each measure by itself tells the pictures' tiles from tissue: AUC, and how near they come."""
    shown = [picture for picture in pictures if picture.name != HOLDS_TISSUE]
    glass = [picture.tiles for picture in shown if not picture.is_pen]
    assert gates.tissue is not None and gates.pen is not None  # held by read_gates
    pen = [tiles[reasons_of(gates, tiles) != "no_tissue"] for tiles in (p.tiles for p in shown if p.is_pen)]
    rows = []
    for name, positives, number, sign, limit in (
        ("mean density", glass, 0, -1, gates.tissue.max_mean_density),
        ("stained share", glass, 1, -1, gates.tissue.max_stained_share),
        ("ink share", pen, 2, 1, gates.pen.max_ink_share),
        ("roughness", pen, 3, -1, gates.pen.min_roughness),
    ):
        if positives:
            of_tissue = glass_and_pen(gates, tissue)[number]
            of_other = glass_and_pen(gates, np.concatenate(positives))[number]
            truth = np.repeat([0, 1], [len(of_tissue), len(of_other)])
            auc = metrics.auc(truth, sign * np.concatenate([of_tissue, of_other]))
            nearest = np.quantile(of_tissue, 0.001 if sign < 0 else 0.999), (of_other * sign).min() * sign
            rows.append({"measure": name, "limit": limit, "auc": auc, "tissue": nearest[0], "other": nearest[1]})
    return [{**row, "tissue": float(row["tissue"]), "other": float(row["other"])} for row in rows]
