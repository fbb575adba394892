"""The kinds `mosaic` and `heat`: OME-TIFF with a pyramid, which QuPath, Bio-Formats and OMERO open."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.note import NOTE
from edge_runtime.session.reading import Session

from .ground import ground_of
from .mosaic import Mosaic, levels_strip
from .placing import Placed

TILE = 256
"""Side of a tile of the file, px, and height of the strips that are made at a time."""
SMALLEST_PX = 512
"""The pyramid ends with a picture whose sides are no longer than this."""

Pixels = NDArray[np.uint8]
Strip = Callable[[int, int], Pixels]


def write_mosaic(session: Session, placed: Placed, path: Path) -> None:
    """Write the picture of the slide: RGB, lossless, with its physical size."""
    mosaic = Mosaic(session, placed)
    about = {
        "Name": f"{session.info.slide or session.info.id}: mosaic",
        "Description": f"{len(placed.views)} views in {placed.pieces} pieces, placed by {placed.how}. {NOTE}",
        "Channel": {"Name": "brightfield"},
    }
    _write(path, mosaic.shape, 3, mosaic.strip, placed.um_per_px, {**about, "axes": "YXS"})


def write_heat(session: Session, placed: Placed, path: Path) -> None:
    """Write the probabilities on the same px as the mosaic: uint8, 0 not judged, else 1 + 254 * probability."""
    height, width = placed.size_px
    label = session.model().contract.labels[-1]
    about = {
        "Name": f"{session.info.slide or session.info.id}: probability of {label}",
        "Description": f"0: not judged; else 1 + 254 * calibrated probability of {label}, a value a tile. {NOTE}",
        "Channel": {"Name": f"probability of {label}"},
    }
    strip = levels_strip(ground_of(placed), placed.um_per_px, width)
    _write(path, (height, width), 1, strip, placed.um_per_px, {**about, "axes": "YX"})


def _write(
    path: Path, shape: tuple[int, ...], samples: int, strip: Strip, um_per_px: float, about: dict[str, Any]
) -> None:
    """Write a picture (h, w) of which `strip` gives rows, and its halves; what is between lies on the disk."""
    import tifffile

    sizes = [(shape[0], shape[1])]
    while max(sizes[-1]) > SMALLEST_PX:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    size = {
        "PhysicalSizeX": um_per_px,
        "PhysicalSizeXUnit": "µm",
        "PhysicalSizeY": um_per_px,
        "PhysicalSizeYUnit": "µm",
    }
    common: dict[str, Any] = {
        "tile": (TILE, TILE),
        "photometric": "rgb" if samples == 3 else "minisblack",
        "compression": "zlib",
        "predictor": True,
        "dtype": np.uint8,
    }
    bytes_whole = shape[0] * shape[1] * samples * 4 // 3
    with (
        tempfile.TemporaryDirectory(dir=path.parent, prefix=".levels-") as work,
        tifffile.TiffWriter(path, ome=True, bigtiff=bytes_whole > _CLASSIC_BYTES) as file,
    ):
        for level, (height, width) in enumerate(sizes):
            following = None
            if level + 1 < len(sizes):
                half = (*sizes[level + 1], *(() if samples == 1 else (3,)))
                following = np.memmap(Path(work, f"{level}"), np.uint8, "w+", shape=half)
            resolution = (1e4 / (um_per_px * 2**level),) * 2
            file.write(
                _tiles(height, strip, following),
                shape=(height, width) if samples == 1 else (height, width, 3),
                subifds=len(sizes) - 1 if level == 0 else None,
                subfiletype=0 if level == 0 else 1,
                resolution=resolution,
                resolutionunit="CENTIMETER",
                metadata={**about, **size} if level == 0 else None,
                **common,
            )
            if following is not None:
                strip = _rows_of(following)


_CLASSIC_BYTES = 2**31
"""Of pixels; beyond, a file gets the 64-bit form, in which 4 GB are no limit."""


def _rows_of(pixels: Pixels) -> Strip:
    return lambda top, bottom: np.asarray(pixels[top:bottom])


def _tiles(height: int, strip: Strip, half: Pixels | None) -> Iterator[Pixels]:
    """Yield the tiles of a picture, row by row, and write it at half its size."""
    for top in range(0, height, TILE):
        rows = strip(top, min(height, top + TILE))
        if half is not None:
            part = half[top // 2 : (top + len(rows) + 1) // 2]
            part[:] = cv2.resize(rows, part.shape[1::-1], interpolation=_halving(rows))
        for left in range(0, rows.shape[1], TILE):
            tile = rows[:, left : left + TILE]
            missing = [(0, TILE - tile.shape[0]), (0, TILE - tile.shape[1]), (0, 0)][: tile.ndim]
            yield np.ascontiguousarray(np.pad(tile, missing, mode="edge"))


def _halving(rows: Pixels) -> int:
    """Return how to halve: colours are averaged; a level of heat stays one that was said."""
    return cv2.INTER_AREA if rows.ndim == 3 else cv2.INTER_NEAREST
