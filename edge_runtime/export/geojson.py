"""The kind `geojson`: tiles, regions and marks as QuPath (0.4 and later) takes them, in px of the mosaic.

File > Import objects from file, over mosaic.ome.tiff. What QuPath reads of a feature: `id` (a UUID), `geometry`, and of
`properties` objectType, name, color, classification, isLocked, measurements (numbers alone), metadata (words alone).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge_runtime import __version__
from edge_runtime.note import NOTE
from edge_runtime.session.reading import Session

from .geojson_features import Features
from .ground import areas_um2, ground_of
from .placing import Placed
from .regions import regions_of


def write_geojson(session: Session, placed: Placed, path: Path) -> None:
    """Write a FeatureCollection, a feature a line: regions, marked views, then every tile."""
    label = session.model().contract.labels[-1]
    ground = ground_of(placed)
    about = {
        "session": session.info.id,
        "slide": session.info.slide,
        "software": f"cancernet-edge {__version__}",
        "model_sha256": session.info.model_sha256,
        "um_per_px": placed.um_per_px,
        "size_px": placed.size_px[::-1],
        "origin_um": placed.origin_um,
        "placed_by": placed.how,
        "pieces": placed.pieces,
        "area_um2": areas_um2(ground),
        "said": [*placed.said, *session.info.said],
        "note": NOTE,
    }
    write = Features(session.info.id, placed)
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"type": "FeatureCollection", "cancernet": {_text(about)}, "features": [')
        comma = "\n"
        regions = (write.region(number, region, label) for number, region in enumerate(regions_of(ground), 1))
        for features in (regions, write.of_frames(session, label)):
            for feature in features:
                file.write(f"{comma}{_text(feature)}")
                comma = ",\n"
        file.write("\n]}\n")


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
