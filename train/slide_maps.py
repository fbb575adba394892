"""Choose slides whose tiles lie side by side, and paint them: tissue, truth, probability, on one grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from edge_runtime.sinks.colours import LEVELS, scale_lut
from edge_runtime.stitching import Patch, stitch

from .dense import dense_slides, neighbour_shares
from .recipe import TILE_PX
from .report.blocks import Picture
from .report.pictures import grid_picture, jpeg_uri, png_uri
from .report.words import count, percent
from .tiles import TileSet

SLIDE_PX = 560
"""Longest side of a painted slide, px."""
NEGATIVE, POSITIVE = (176, 205, 223), (213, 94, 0)
"""RGB of a tile that is negative, positive."""


def dense(data: TileSet) -> list[NDArray[np.intp]]:
    """Return the tiles of the slides whose tiles lie side by side, the densest and largest first."""
    placed = np.flatnonzero(dense_slides(data).chosen & (data.xs >= 0))
    order = placed[np.argsort(data.patients[placed], kind="stable")]
    _, first = np.unique(data.patients[order], return_index=True)
    slides = [tiles for tiles in np.split(order, first[1:]) if len(tiles)]
    shares = neighbour_shares(data)
    return sorted(slides, key=lambda tiles: (-round(float(shares[tiles].mean()), 1), -len(tiles)))


def tissue(data: TileSet, tiles: NDArray[np.intp]) -> Picture:
    """Return one slide, stitched; `tiles` are the positions of its tiles."""
    patches = [Patch(int(data.xs[n]), int(data.ys[n]), data.tiles[n]) for n in tiles]
    words = f"Slide {data.patients[tiles[0]]}, {count(len(tiles))} tiles"
    return Picture(jpeg_uri(stitch(patches).rgb, SLIDE_PX), words)


def truth_map(data: TileSet, tiles: NDArray[np.intp], positive: str) -> Picture:
    """Return the labels of one slide, a pixel a tile."""
    colours = np.array([NEGATIVE, POSITIVE], np.uint8)[data.labels[tiles]]
    return tile_map(data, tiles, colours, f"Truth: {percent(float(data.labels[tiles].mean()), 0)} {positive}")


def tile_map(data: TileSet, tiles: NDArray[np.intp], colours: NDArray[np.uint8], caption: str) -> Picture:
    """Return one slide with a pixel a tile; colours: uint8 (n, 3), RGB."""
    return Picture(png_uri(grid_picture(data.xs[tiles], data.ys[tiles], colours, TILE_PX)), caption, coarse=True)


def swatches(colours: Sequence[tuple[tuple[int, int, int], str]]) -> Markup:
    """Return a legend: a square of each colour with its word."""
    one = Markup('<span class="swatch" style="background: rgb{}"></span>{}')
    return Markup("&ensp; ").join(one.format(colour, word) for colour, word in colours)


def probability_colours(probabilities: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return uint8 (n, 3), RGB: the colours of the device's overlay, without its transparency."""
    colours, _ = scale_lut()
    return colours[1 + np.rint(np.clip(probabilities, 0, 1) * (LEVELS - 1)).astype(int)]
