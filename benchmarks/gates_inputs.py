"""What the gates are measured with: their constants, the tiles of an index, pictures of glass and pen."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput
from edge_runtime.gates import Gates, gates_of, look
from edge_runtime.model_file import find_model, open_model
from edge_runtime.optics import to_field
from edge_runtime.patches import is_picture_name
from edge_runtime.pictures import read_picture
from edge_runtime.records import Frame
from edge_runtime.sample import Sample
from edge_runtime.tiling import cut
from quantize.gates import gates_at, learned_from
from train.evidence import split_of
from train.formats import IDC
from train.recipe import TILE_PX
from train.tiles import TileSet

_CHUNK = 1024


def reasons_of(gates: Gates, tiles: NDArray[np.uint8]) -> NDArray[np.object_]:
    """Return object (n,): the reason for each uint8 tile (n, h, w, 3) by itself, or None."""
    return np.concatenate([look(part, gates).reasons for part in _parts(tiles)])


def refused(gates: Gates, tiles: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return bool (n,): which tiles get a reason."""
    return np.asarray(reasons_of(gates, tiles) != None)  # noqa: E711  an object array is compared element by element


def glass_and_pen(gates: Gates, tiles: NDArray[np.uint8]) -> list[NDArray[np.floating]]:
    """Return, (n,) each: mean density, stained share, ink share and roughness of uint8 tiles (n, h, w, 3)."""
    assert gates.tissue is not None and gates.pen is not None  # held by read_gates
    ink, rows = (gates.pen.green_ratio, gates.pen.min_excess, gates.pen.red_excess), []
    for sample in map(Sample, _parts(tiles)):
        stained = sample.stained_share(gates.tissue.stained_density)
        rows.append((sample.mean_density, stained, sample.ink_share(*ink), sample.roughness))
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


def read_gates(model: str | None, index: Path) -> Gates:
    """Return the gates of a model file or shipped name; of None, those that the next model of the index gets."""
    if model is None:
        return dataclasses.replace(gates_at(IDC.um_per_px), stain=learned_from(split_of(index, "train"))["stain_gate"])
    gates = gates_of(open_model(find_model(model)).contract)
    if gates.pen is None:
        raise BadInput(f"expected a model with a pen gate, found none in {model}; pack it again, or leave --model out")
    return gates


def read_sides(index: Path, splits: Sequence[str]) -> dict[str, TileSet]:
    """Return the usable tiles of some sides of an index, by the name of the split."""
    return {split: split_of(index, split) for split in splits}


def tuned_sides(sides: Mapping[str, TileSet]) -> dict[str, TileSet]:
    """Return the sides on which something may be chosen: all but test."""
    tuned = {name: side for name, side in sides.items() if name != "test"}
    if not tuned:
        raise BadInput("expected the split train or val beside test: on test nothing is chosen, and no ink is laid")
    return tuned


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
    """Return the tiles in parts, which fit a processor's cache better."""
    return [tiles[n : n + _CHUNK] for n in range(0, len(tiles), _CHUNK)]
