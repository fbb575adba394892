from pathlib import Path

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from train.cross_validate import folds_of, joined, part_of, read_out_of_fold, sides
from train.tiles import TileSet


def tiles_of(groups: list[str], seed: int = 0) -> TileSet:
    draw = np.random.default_rng(seed)
    names = np.repeat(groups, 8)
    labels = np.tile([0, 1], len(names) // 2).astype(np.uint8)
    tiles = draw.integers(0, 256, (len(names), 50, 50, 3), np.uint8)
    places = np.arange(len(names), dtype=np.int32)
    return TileSet(tiles, labels, names, tuple(map(str, places)), names, places, places)


def test_no_group_lies_on_both_sides_of_a_fold_and_every_tile_is_held_out_once() -> None:
    data = joined(tiles_of(["a", "b", "c", "d"]), tiles_of(["e", "f"]))
    folds = folds_of(data, 3, seed=0)
    held_out = []
    for _, train, rest in sides(data, folds):
        assert not set(train.groups) & set(rest.groups)
        assert len(train) + len(rest) == len(data)
        held_out += list(rest.tiles.reshape(len(rest), -1).sum(1))
    assert sorted(held_out) == sorted(data.tiles.reshape(len(data), -1).sum(1))


def test_a_part_keeps_what_belongs_together() -> None:
    data = tiles_of(["a", "b"])
    part = part_of(data, np.array([9, 3]))
    assert np.array_equal(part.tiles, data.tiles[[9, 3]])
    assert part.paths == ("9", "3") and part.patients.tolist() == ["b", "a"]


@pytest.mark.parametrize("count", [1, 4])
def test_more_folds_than_groups_and_one_fold_are_refused(count: int) -> None:
    with pytest.raises(BadInput, match=f"3 groups of slides, found {count}"):
        folds_of(tiles_of(["a", "b", "c"]), count, seed=0)


def test_a_folder_without_a_cross_validation_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="python -m train cross-validate"):
        read_out_of_fold(tmp_path)
