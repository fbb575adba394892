import numpy as np
import pytest

from edge_runtime.errors import BadInput
from train.copies import content_hash, settle_copies
from train.patch_index import IndexRow


def row(name, split, content="same", label=0):
    return IndexRow(f"/{name}.png", name, name, 0, 0, label, split, content=content)


def left(rows):
    return [one.path for one in rows if one.status == "ok"]


def test_equal_pixels_have_one_hash_and_a_pixel_makes_another():
    pixels = np.random.default_rng(0).integers(0, 256, (50, 50, 3), np.uint8)
    other = pixels.copy()
    other[3, 4, 1] ^= 1
    assert content_hash(pixels) == content_hash(pixels.copy()) != content_hash(other)
    assert len(content_hash(pixels)) == 32


def test_a_turned_picture_is_no_copy():
    pixels = np.random.default_rng(0).integers(0, 256, (50, 50, 3), np.uint8)
    assert content_hash(pixels) != content_hash(np.rot90(pixels))


@pytest.mark.parametrize("noise", [0, 8])
def test_blank_glass_is_never_a_copy(noise):
    pixels = np.full((50, 50, 3), 240, np.uint8)
    pixels[::2] -= noise
    assert content_hash(pixels) == ""
    rows = [row("1", "train", content_hash(pixels)), row("2", "test", content_hash(pixels))]
    assert settle_copies(rows, drop=False) == rows


def test_a_picture_on_two_sides_is_refused_with_both_names():
    with pytest.raises(BadInput, match=r"/1\.png \(train\) = /2\.png \(test\).*--drop-duplicates"):
        settle_copies([row("1", "train"), row("2", "test"), row("3", "val", "other")], drop=False)


def test_dropping_keeps_the_copy_that_was_held_out():
    rows = [row("1", "train"), row("2", "test"), row("3", "val"), row("4", "train", "other")]
    assert left(settle_copies(rows, drop=True)) == ["/2.png", "/4.png"]


def test_copies_that_disagree_in_their_label_are_all_dropped():
    rows = [row("1", "train", label=1), row("2", "train", label=0), row("3", "train", "other")]
    assert left(settle_copies(rows, drop=True)) == ["/3.png"]


def test_copies_on_one_side_stay_and_are_told(caplog):
    rows = [row("1", "train", label=1), row("2", "train", label=0)]
    assert settle_copies(rows, drop=False) == rows
    assert "more than once" in caplog.text and "both labels" in caplog.text


def test_what_was_left_out_already_is_no_copy():
    rows = [row("1", "train"), IndexRow("/2.png", "2", "2", 0, 0, 0, "test", "edge", content="same")]
    assert settle_copies(rows, drop=False) == rows
