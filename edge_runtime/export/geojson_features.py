"""What QuPath reads of a session: regions, marked views and tiles, each as a feature of GeoJSON in px of the mosaic."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from edge_runtime.gates import NO_DATA
from edge_runtime.session.reading import Session
from edge_runtime.session.stored import StoredFrame, StoredTile

from .placing import Placed, PlacedView
from .regions import Region

POSITIVE, NEGATIVE, UNJUDGED, MARKED = (213, 94, 0), (0, 114, 178), (150, 150, 150), (204, 121, 167)
"""RGB of classes, told apart by colour-blind people (Okabe and Ito 2008)."""
_NAMES = uuid.UUID("6f8b5d1e-6a57-4d0c-9a3e-2b1f6f0d9c11")
"""Of identities: the same tile of the same session has the same one, so that it can be imported twice."""

Feature = dict[str, Any]


class Features:
    """Makes features of one session's mosaic."""

    def __init__(self, session: str, placed: Placed) -> None:
        """Take the session's id, and where its views lie."""
        self._session = session
        self._placed = placed

    def region(self, number: int, region: Region, label: str) -> Feature:
        """Return a region that has the label."""
        from shapely.affinity import scale

        px = 1 / self._placed.um_per_px
        measured = {
            "area µm^2": round(region.outline.area, 1),
            "probability max": round(region.highest, 4),
            "probability mean": round(region.mean, 4),
        }
        shape = scale(region.outline, px, px, origin=(0, 0)).__geo_interface__
        return self._feature(
            f"region/{number}", shape, "annotation", f"region {number}", [label], POSITIVE, measured, {}, locked=True
        )

    def of_frames(self, session: Session, label: str) -> Iterator[Feature]:
        """Yield the marks of each frame, and the tiles of each that tells of a view."""
        for frame in session.frames():
            placed = self._placed.view_of(frame.index)
            if placed is None:
                continue
            if frame.marked:
                yield self._mark(frame, placed)
            if frame.index == placed.frame:
                for tile in frame.tiles:
                    if tile.result.reason != NO_DATA:
                        yield self._tile(frame, tile, placed, label)

    def _mark(self, frame: StoredFrame, placed: PlacedView) -> Feature:
        shape = self._box(placed.left_um, placed.top_um, placed.width_um, placed.height_um)
        name = f"frame {frame.index}" + (f": {frame.note}" if frame.note else "")
        words = {"ANNOTATION_DESCRIPTION": frame.note, "frame": str(frame.index)}
        return self._feature(
            f"mark/{frame.index}", shape, "annotation", name, ["marked"], MARKED, {}, words, locked=True
        )

    def _tile(self, frame: StoredFrame, tile: StoredTile, placed: PlacedView, label: str) -> Feature:
        said, view = tile.result, placed.view
        x = (said.x - view.origin_xy[0]) * view.um_per_px + placed.left_um
        y = (said.y - view.origin_xy[1]) * view.um_per_px + placed.top_um
        kind = [said.label] if said.label is not None else ["not judged", str(said.reason)]
        colour = UNJUDGED if said.label is None else POSITIVE if said.label == label else NEGATIVE
        numbers = {
            "probability": said.probability,
            "logit": tile.logit,
            said.measure or "": said.value,
            "frame": frame.index,
            "row": tile.row,
            "column": tile.column,
            "x µm": round(x, 2),
            "y µm": round(y, 2),
        }
        measured = {name: value for name, value in numbers.items() if name and value is not None}
        words = {"source": str(frame.record["source"]), "recorded_at": frame.recorded_at}
        shape = self._box(x, y, view.tile_um, view.tile_um)
        return self._feature(
            f"tile/{frame.index}/{tile.row}/{tile.column}", shape, "detection", None, kind, colour, measured, words
        )

    def _box(self, left: float, top: float, width: float, height: float) -> dict[str, Any]:
        """Return a rectangle, given in µm, in px."""
        x0, y0, x1, y1 = (round(value / self._placed.um_per_px, 3) for value in (left, top, left + width, top + height))
        return {"type": "Polygon", "coordinates": [[[x0, y0], [x1, y0], [x1, y1], [x0, y1], [x0, y0]]]}

    def _feature(
        self,
        name: str,
        shape: Any,
        kind: str,
        title: str | None,
        kinds: list[str],
        colour: tuple[int, int, int],
        measured: dict[str, Any],
        words: dict[str, str],
        locked: bool = False,
    ) -> Feature:
        properties: dict[str, Any] = {
            "objectType": kind,
            "classification": {**_classes(kinds), "color": colour},
            "isLocked": locked,
            "measurements": measured,
            "metadata": words,
        }
        if title is not None:
            properties["name"] = title
        identity = str(uuid.uuid5(_NAMES, f"{self._session}/{name}"))
        return {"type": "Feature", "id": identity, "geometry": shape, "properties": properties}


def _classes(names: list[str]) -> dict[str, Any]:
    """Return the name of a class, or the names of one within another."""
    return {"name": names[0]} if len(names) == 1 else {"names": names}
