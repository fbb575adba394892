"""Show single tiles with their slide and place."""

from __future__ import annotations

from ..report.blocks import Picture
from ..report.pictures import png_uri
from ..tiles import TileSet


def tile_picture(data: TileSet, n: int, words: str = "") -> Picture:
    """Return a tile with its slide and place below it, and `words`."""
    return Picture(
        png_uri(data.tiles[n]), "\n".join(filter(None, [str(data.patients[n]), place_words(data, n), words]))
    )


def place_words(data: TileSet, n: int) -> str:
    """Return where a tile lies on its slide, px; empty where that is not known."""
    return f"{data.xs[n]}, {data.ys[n]}" if data.xs[n] >= 0 else ""
