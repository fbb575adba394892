"""What the gates are measured with: their constants, the tiles of an index, pictures of glass and pen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import PenGate, TissueGate
from edge_runtime.errors import BadInput
from edge_runtime.gates import glass_measures, pen_measures, refusals
from edge_runtime.model_file import find_model, open_model
from edge_runtime.optics import to_field
from edge_runtime.patches import is_picture_name
from edge_runtime.pictures import read_picture
from edge_runtime.records import Frame
from edge_runtime.tiling import cut
from quantize.gates import PEN_GATE, TISSUE_GATE
from train.evidence import split_of
from train.formats import IDC
from train.recipe import TILE_PX
from train.tiles import TileSet

_CHUNK = 1024


@dataclass(frozen=True)
class Gates:
    """The gates that are measured."""

    tissue: TissueGate
    """For glass."""
    pen: PenGate
    """For ink and dirt."""

    def reasons(self, tiles: NDArray[np.uint8]) -> NDArray[np.object_]:
        """Return object (n,): the reason for each uint8 tile (n, h, w, 3), or None."""
        return np.concatenate([refusals(part, self.tissue, self.pen) for part in _parts(tiles)])

    def refused(self, tiles: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Return bool (n,): which tiles get a reason."""
        return np.asarray(self.reasons(tiles) != None)  # noqa: E711  an object array is compared element by element

    def measures(self, tiles: NDArray[np.uint8]) -> list[NDArray[np.floating]]:
        """Return, (n,) each: mean density, stained share, ink share and roughness of uint8 tiles (n, h, w, 3)."""
        rows = [(*glass_measures(part, self.tissue), *pen_measures(part, self.pen)) for part in _parts(tiles)]
        return [np.concatenate(column) for column in zip(*rows, strict=True)]


@dataclass(frozen=True)
class Picture:
    """A picture of glass or pen, cut into tiles."""

    name: str
    """Of the file, without ending."""
    tiles: NDArray[np.uint8]
    """uint8 (n, 50, 50, 3), RGB."""

    @property
    def is_pen(self) -> bool:
        """Whether it shows pen, by its name."""
        return "pen" in self.name


def gates_of(model: str | None) -> Gates:
    """Return the gates of a model file or shipped name; of None, those that the next model is packed with."""
    if model is None:
        return Gates(TISSUE_GATE, PEN_GATE)
    contract = open_model(find_model(model)).contract
    if contract.pen_gate is None:
        raise BadInput(f"expected a model with a pen gate, found none in {model}; pack it again, or leave --model out")
    return Gates(contract.tissue_gate, contract.pen_gate)


def read_sides(index: Path, splits: Sequence[str]) -> dict[str, TileSet]:
    """Return the usable tiles of some sides of an index, by the name of the split."""
    return {split: split_of(index, split) for split in splits}


def read_pictures(folder: Path, um_per_px: float) -> list[Picture]:
    """Return the pictures of a folder, cut as the device cuts a frame of that scale."""
    paths = sorted(path for path in folder.glob("*") if is_picture_name(path))
    if not paths:
        raise BadInput(f"expected a folder with pictures of glass and pen, found none in {folder}")
    return list(_cut_pictures(paths, um_per_px))


def _cut_pictures(paths: Sequence[Path], um_per_px: float) -> Iterator[Picture]:
    for n, path in enumerate(paths):
        field = to_field(Frame(read_picture(path), um_per_px, n, path.name), IDC.um_per_px, TILE_PX)
        yield Picture(path.stem, cut(field.pixels, field.lefts, field.tops, TILE_PX))


def _parts(tiles: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return the tiles in parts: densities take 4 bytes a pixel."""
    return [tiles[n : n + _CHUNK] for n in range(0, len(tiles), _CHUNK)]
