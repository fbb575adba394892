import errno
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from edge_runtime.pictures import read_picture
from train import cache_fill, originals
from train.cache import cache_beside, cache_option, cached_tiles
from train.cache_files import BLOCK, MANIFEST
from train.formats import IDC

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sides(tmp_path, write_patch):
    """Paths of eleven pictures, all different, by split."""
    paths = [str(write_patch(tmp_path / "idc" / f"{n}.png", seed=n)) for n in range(11)]
    return {"train": paths[:6], "val": paths[6:9], "test": paths[9:]}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "index.csv.cache"


def pixels_of(paths):
    return np.stack([read_picture(Path(path)) for path in paths])


def load(folder, sides, split="train", **clock):
    return cached_tiles(folder, sides, split, IDC, **clock)


def settled():
    """Return a time so late, ns, that every file is old enough for its times to be believed."""
    return 2**62


@pytest.fixture
def decoded(monkeypatch):
    """Which pictures were decoded."""
    seen = []
    real = originals.decode_tile
    monkeypatch.setattr(cache_fill, "decode_tile", lambda path, kind: seen.append(path) or real(path, kind))
    return seen


@pytest.fixture
def hashed(monkeypatch):
    """Which pictures were read to compare their bytes."""
    seen = []
    real = originals.picture_sha256
    monkeypatch.setattr(cache_fill, "picture_sha256", lambda path: seen.append(path) or real(path))
    return seen


def pixel_file(folder):
    (found,) = folder.glob("tiles-*.npy")
    return found


@pytest.mark.parametrize("split", ["train", "val", "test"])
def test_each_split_is_a_read_only_view_of_one_map(folder, sides, split):
    tiles = load(folder, sides, split)
    assert np.array_equal(tiles, pixels_of(sides[split]))
    assert type(tiles) is np.ndarray and tiles.flags.c_contiguous and not tiles.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        tiles[0, 0, 0, 0] = 1


def test_the_cache_is_one_npy_that_any_numpy_opens(folder, sides):
    load(folder, sides)
    whole = np.load(pixel_file(folder), mmap_mode="r")
    assert np.array_equal(whole, pixels_of(sides["test"] + sides["train"] + sides["val"]))


def test_a_second_start_decodes_and_hashes_no_picture(folder, sides, decoded, hashed):
    load(folder, sides, clock=settled)
    del decoded[:]
    for split in sides:
        assert np.array_equal(load(folder, sides, split, clock=settled), pixels_of(sides[split]))
    assert decoded == hashed == []


def test_pictures_younger_than_their_clocks_tick_are_compared_by_content(folder, sides, decoded, hashed):
    load(folder, sides)
    del decoded[:]
    load(folder, sides)
    assert decoded == [] and set(hashed) == {path for paths in sides.values() for path in paths}


def test_a_changed_picture_of_the_same_size_and_time_is_noticed(folder, sides, write_patch, decoded):
    path = write_patch(Path(sides["train"][2]), pixels=np.full((50, 50, 3), 7, np.uint8))
    load(folder, sides)
    before = path.stat()
    write_patch(path, pixels=np.full((50, 50, 3), 8, np.uint8))
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    del decoded[:]
    assert np.array_equal(load(folder, sides), pixels_of(sides["train"]))
    assert decoded == [str(path)]


def test_a_touched_picture_is_hashed_once_and_not_decoded(folder, sides, decoded, hashed):
    load(folder, sides, clock=settled)
    os.utime(sides["train"][0], ns=(1, 1))
    kept = pixel_file(folder).stat().st_ino
    del decoded[:]
    load(folder, sides, clock=settled)
    load(folder, sides, clock=settled)
    assert decoded == [] and hashed == [sides["train"][0]] and pixel_file(folder).stat().st_ino == kept


def test_another_split_of_the_same_pictures_copies_them(folder, sides, decoded):
    load(folder, sides)
    del decoded[:]
    moved = {"train": sides["val"], "val": sides["train"][::-1]}
    assert np.array_equal(load(folder, moved, "val"), pixels_of(sides["train"][::-1]))
    assert decoded == [] and len(list(folder.glob("*tiles-*"))) == 1


def test_new_pictures_alone_are_decoded(folder, sides, write_patch, decoded, tmp_path):
    load(folder, sides)
    del decoded[:]
    sides["val"].append(str(write_patch(tmp_path / "idc" / "new.png", seed=99)))
    assert np.array_equal(load(folder, sides, "val"), pixels_of(sides["val"]))
    assert decoded == sides["val"][-1:]


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink, lambda path: path.write_bytes(b"")])
def test_a_damaged_cache_is_told_and_built_again(folder, sides, damage, caplog, decoded):
    load(folder, sides)
    damage(pixel_file(folder))
    del decoded[:]
    assert np.array_equal(load(folder, sides), pixels_of(sides["train"]))
    assert "is damaged" in caplog.text and len(decoded) == 11


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b""), cut, flip])
def test_a_damaged_manifest_is_told_and_built_again(folder, sides, damage, caplog):
    load(folder, sides)
    damage(folder / MANIFEST)
    assert np.array_equal(load(folder, sides), pixels_of(sides["train"]))
    assert "damaged" in caplog.text


def test_a_build_that_was_killed_leaves_nothing_behind(folder, sides, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(cache_fill, "write_manifest", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            load(folder, sides)
    (folder / ".tiles-half.npy").write_bytes(b"half")
    (folder / "notes.txt").write_text("not ours")
    assert np.array_equal(load(folder, sides), pixels_of(sides["train"]))
    assert {path.name for path in folder.iterdir()} == {pixel_file(folder).name, MANIFEST, ".lock", "notes.txt"}


def test_another_way_of_making_tiles_makes_the_cache_anew(folder, sides, monkeypatch, decoded):
    load(folder, sides)
    del decoded[:]
    monkeypatch.setattr(cache_fill.cv2, "__version__", "another")
    load(folder, sides)
    assert len(decoded) == 11


def test_a_full_disk_is_told_and_the_tiles_are_decoded_into_memory(folder, sides, monkeypatch, caplog):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    tiles = load(folder, sides)
    assert np.array_equal(tiles, pixels_of(sides["train"])) and tiles.flags.owndata
    assert "No space left" in caplog.text and "--cache" in caplog.text
    assert not list(folder.glob("*tiles-*"))


def test_a_cache_that_cannot_be_a_folder_is_told_and_done_without(tmp_path, sides, caplog):
    (tmp_path / "file").write_text("")
    assert np.array_equal(load(tmp_path / "file", sides), pixels_of(sides["train"]))
    assert "no cache" in caplog.text


def test_a_picture_that_is_gone_is_named(folder, sides):
    load(folder, sides)
    Path(sides["train"][1]).unlink()
    with pytest.raises(BadInput, match=r"1\.png .*index again"):
        load(folder, sides)


def test_a_picture_that_changed_its_size_is_named(folder, sides, write_patch):
    write_patch(Path(sides["train"][1]), 50, 31)
    with pytest.raises(BadInput, match=r"1\.png changed .* found 31x50"):
        load(folder, sides)


def test_an_index_with_a_picture_twice_is_refused(folder, sides):
    with pytest.raises(BadInput, match="found one twice"):
        load(folder, {"train": sides["train"], "val": sides["train"][:1]})


def test_more_pictures_than_a_block_come_back_in_order(folder, tmp_path, write_patch):
    shades = np.arange(BLOCK + 5) % 251
    paths = [
        str(write_patch(tmp_path / f"{n}.png", pixels=np.full((50, 50, 3), shade, np.uint8)))
        for n, shade in enumerate(shades)
    ]
    sides = {"a": paths[: BLOCK - 3], "b": paths[BLOCK - 3 :]}
    for split, part in (("a", shades[: BLOCK - 3]), ("b", shades[BLOCK - 3 :])):
        assert np.array_equal(load(folder, sides, split)[:, 0, 0, 0], part)


def test_two_processes_at_once_leave_one_whole_cache(folder, sides, decoded):
    program = (
        "import sys, json; from pathlib import Path;"
        "from train.cache import cached_tiles; from train.formats import IDC;"
        "print(int(cached_tiles(Path(sys.argv[1]), json.loads(sys.argv[2]), 'train', IDC).sum(dtype='int64')))"
    )
    command = [sys.executable, "-c", program, str(folder), json.dumps(sides)]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _ in range(3)]
    outputs = [int(process.communicate()[0]) for process in running]
    assert outputs == [int(pixels_of(sides["train"]).sum(dtype="int64"))] * 3
    assert np.array_equal(load(folder, sides), pixels_of(sides["train"]))
    assert decoded == [] and len(list(folder.glob("*tiles-*"))) == 1


def test_who_finds_the_cache_locked_says_so_and_waits(folder, sides, caplog):
    from concurrent.futures import ThreadPoolExecutor

    from filelock import FileLock

    caplog.set_level(logging.INFO)
    folder.mkdir()
    lock = FileLock(folder / ".lock", thread_local=False)
    lock.acquire()
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(load, folder, sides)
        while "waiting" not in caplog.text:
            assert not waiting.done()
        lock.release()
        assert np.array_equal(waiting.result(), pixels_of(sides["train"]))


def test_the_option_names_a_folder_or_none_and_lies_beside_the_index_by_default():
    index = Path("runs/index.csv")
    assert cache_option(None, index) == cache_beside(index) == Path("runs/index.csv.cache")
    assert cache_option("none", index) is None
    assert cache_option("/fast", index) == Path("/fast")
