import dataclasses
import hashlib

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from train.cache import cache_beside
from train.patch_index import IndexRow
from train.tiles import TileSet, load_tiles


@pytest.fixture
def rows(tmp_path, write_patch):
    """Two patients of one specimen and a third, in two splits, with a row that is not usable."""
    made = []
    for n in range(12):
        path = write_patch(tmp_path / f"{n}.png", seed=n)
        patient, group, split = (("9078", "9078"), ("9123", "9078"), ("1", "1"))[n % 3] + (("train", "val")[n > 7],)
        made.append(IndexRow(str(path), patient, group, 50 * n + 1, 1, n // 3 % 2, split))
    return [*made, IndexRow(str(tmp_path / "gone.png"), "1", "1", 0, 0, 1, "train", "unreadable")]


@pytest.mark.parametrize("cached", [False, True])
def test_tiles_come_in_the_order_of_the_index_with_place_and_group(rows, tmp_path, cached):
    data = load_tiles(rows, "val", tmp_path / "cache" if cached else None)
    assert [path.rsplit("/")[-1] for path in data.paths] == ["8.png", "9.png", "10.png", "11.png"]
    assert data.xs.tolist() == [401, 451, 501, 551] and set(data.ys.tolist()) == {1}
    assert data.groups.tolist() == ["1", "9078", "9078", "1"]
    assert data.patients.tolist() == ["1", "9078", "9123", "1"]
    assert (data.format, data.split_by, data.leaky) == ("idc", "patient", False)


def test_the_cache_changes_nothing_but_where_the_pixels_lie(rows, tmp_path):
    for split in ("train", "val"):
        plain, cached = load_tiles(rows, split), load_tiles(rows, split, cache_beside(tmp_path / "index.csv"))
        assert np.array_equal(plain.tiles, cached.tiles) and plain.digest() == cached.digest()
        assert np.array_equal(plain.patients, cached.patients)


def test_the_digest_is_that_of_all_pixels_then_all_labels_however_they_lie():
    tiles = np.random.default_rng(0).integers(0, 256, (6000, 4, 4, 3), np.uint8)
    labels = (np.arange(6000) % 2).astype(np.uint8)
    data = TileSet(tiles[::2], labels[::2], np.full(3000, "p"), ("",) * 3000)
    expected = hashlib.sha256(tiles[::2].tobytes() + labels[::2].tobytes()).hexdigest()
    assert data.digest() == expected


def test_without_groups_and_places_patients_are_groups_and_places_unknown():
    data = TileSet(np.zeros((2, 4, 4, 3), np.uint8), np.array([0, 1], np.uint8), np.array(["a", "b"]), ("", ""))
    assert data.groups.tolist() == ["a", "b"] and data.xs.tolist() == data.ys.tolist() == [-1, -1]


def test_a_split_by_tile_is_told_loudly_whenever_it_is_loaded(rows, caplog):
    torn = [dataclasses.replace(row, split_by="tile") for row in rows]
    assert load_tiles(torn, "val").leaky
    assert "LEAKY SPLIT" in caplog.text


def test_a_side_of_one_class_is_refused(rows):
    with pytest.raises(BadInput, match="found 5 tiles of class 0"):
        load_tiles([row for row in rows if row.label == 0], "train")
