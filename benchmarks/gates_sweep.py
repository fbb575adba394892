"""What another value of each constant of the pen gate would refuse."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.gates import Gates
from train.tiles import TileSet

from .gates_inputs import Picture, refused

SWEEP: Mapping[str, Sequence[float]] = {
    "green_ratio": (1.1, 1.15, 1.25, 1.3),
    "min_excess": (0.25, 0.3, 0.4, 0.45),
    "red_excess": (1.2, 1.3, 1.5, 1.6),
    "max_ink_share": (0.2, 0.25, 0.35, 0.4),
    "min_roughness": (0.03, 0.038, 0.055, 0.065),
}
"""Each constant of the pen gate by itself, around its value."""


def sweep_pen(
    gates: Gates,
    sides: Sequence[TileSet],
    pictures: Sequence[Picture],
    films: Mapping[tuple[str, float, float], NDArray[np.uint8]],
    labels: tuple[str, str],
) -> Iterator[dict[str, Any]]:
    """Yield a row a constant and value: tissue refused by class, ink refused, tiles of pen judged.

    `films` are inked tiles by ink, density and cover.
    """
    thick = np.concatenate([tiles for (_, density, cover), tiles in films.items() if (density, cover) == (0.8, 0.5)])
    pen = [picture.tiles for picture in pictures if picture.is_pen]
    for field, values in SWEEP.items():
        assert gates.pen is not None
        chosen = getattr(gates.pen, field)
        for value in sorted({*values, chosen}):
            other = dataclasses.replace(gates, pen=dataclasses.replace(gates.pen, **{field: value}))
            lost = np.concatenate([refused(other, side.tiles) for side in sides])
            truth = np.concatenate([side.labels for side in sides])
            yield {
                "constant": field,
                "value": value,
                "chosen": value == chosen,
                "refused": {label: float(lost[truth == n].mean()) for n, label in enumerate(labels)},
                "inked_refused": float(refused(other, thick).mean()),
                "pen_tiles_judged": sum(int((~refused(other, tiles)).sum()) for tiles in pen),
            }
