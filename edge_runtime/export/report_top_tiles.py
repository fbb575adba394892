"""The tiles of a field with the highest probabilities, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass

from .report_found import SeenField
from .report_words import probability

TOP_TILES = 5


@dataclass(frozen=True)
class TopTile:
    """One of the tiles with the highest probabilities."""

    probability: str
    in_field: str
    """Where its middle lies: x, y, µm from the field's left and top edges."""
    on_slide: str
    """And on the slide: x, y, mm; empty where that is not known."""


def top_tiles(seen: SeenField, corner: tuple[float, float] | None) -> tuple[TopTile, ...]:
    """Return the first few; `corner` is where the field's top-left corner lies, µm, None where nobody knows."""
    record = seen.shown.record
    um, (origin_x, origin_y) = record["um_per_px"], record["origin_xy"]
    half = record["tile_size_px"] * um / 2
    judged = [(tile.result.probability, tile.result) for tile in seen.shown.tiles if tile.result.label is not None]
    found = []
    for chance, said in sorted(judged, key=lambda pair: pair[0] or 0.0, reverse=True)[:TOP_TILES]:
        x, y = (said.x - origin_x) * um + half, (said.y - origin_y) * um + half
        on_slide = "" if corner is None else f"{(corner[0] + x) / 1000:.2f}, {(corner[1] + y) / 1000:.2f}"
        in_field = f"{x:.0f}, {y:.0f}"
        found.append(TopTile(probability(chance), in_field, on_slide))
    return tuple(found)
