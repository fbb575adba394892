"""Where dirt sits on the optics: a small map, packed as text."""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

MAP_WIDTH = 256
"""Columns of the map: 16 px of a Pi HQ camera each."""


@dataclass(frozen=True)
class DirtMap:
    """Places of a camera's picture that dirt darkens."""

    rows: int
    """Of the map."""
    columns: int
    """Of the map."""
    packed: str
    """The map, row by row, a bit a cell, zlib, base64."""
    specks: int
    """How many separate ones there are."""
    share: float
    """Of the picture that they cover."""

    def __post_init__(self) -> None:
        if not (0 < self.rows <= 4096 and 0 < self.columns <= 4096):
            raise ValueError(f"expected a dirt map of 1 to 4096 rows and columns, found {self.rows}x{self.columns}")
        self.mask()

    def mask(self) -> NDArray[np.bool_]:
        """Return bool (rows, columns): which cells hold dirt."""
        try:
            limit = self.rows * self.columns // 8 + 2
            unpacked = zlib.decompressobj().decompress(base64.b64decode(self.packed, validate=True), limit)
            bits = np.unpackbits(np.frombuffer(unpacked, np.uint8))[: self.rows * self.columns]
            return bits.astype(bool).reshape(self.rows, self.columns)
        except (binascii.Error, zlib.error, ValueError) as error:
            raise ValueError(f"expected a dirt map of {self.rows}x{self.columns} cells, found other data") from error

    def share_of(
        self, tops: NDArray[np.intp], lefts: NDArray[np.intp], tile_px: int, size: tuple[int, int]
    ) -> NDArray[np.float64]:
        """Return float64 (rows, columns): the share of each tile of a field that lies under dirt.

        Tiles are `tile_px` wide at `lefts` and `tops`; `size` is the field's (height, width); all px of the field.
        """
        mask = cv2.resize(self.mask().astype(np.float32), (size[1], size[0]), interpolation=cv2.INTER_AREA)
        total = cv2.integral(mask)
        low, right = tops + tile_px, lefts + tile_px
        inside = total[low][:, right] - total[tops][:, right] - total[low][:, lefts] + total[tops][:, lefts]
        return np.asarray(inside / tile_px**2, np.float64)


def dirt_map(dirt: NDArray[np.bool_]) -> DirtMap:
    """Return the map of dirty pixels, bool (h, w); a cell is dirty where any of its pixels is."""
    height, width = dirt.shape
    columns = min(MAP_WIDTH, width)
    rows = max(1, round(height * columns / width))
    cells = cv2.resize(dirt.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA) > 0.05
    count, _ = cv2.connectedComponents(cells.astype(np.uint8), connectivity=8)
    packed = base64.b64encode(zlib.compress(np.packbits(cells).tobytes(), 9)).decode()
    return DirtMap(rows, columns, packed, count - 1, round(float(dirt.mean()), 6))
