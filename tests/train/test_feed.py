import importlib.util
from dataclasses import replace

import numpy as np
import pytest

from edge_runtime.errors import BadInput
from train.recipe import Augmentation, Recipe
from train.tiles import TileSet

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]

PLAIN = Recipe("lean", batch=8, augmentation=Augmentation(False, 0.0, 0.0, 0.0), label_smoothing=0.0)
VARIED = replace(PLAIN, augmentation=Augmentation(rotation=180.0, mixup=0.5))


class Spied:
    """Tiles that tell which of them were read."""

    def __init__(self, tiles):
        self.tiles, self.read, self.shape = tiles, [], tiles.shape

    def __getitem__(self, rows):
        self.read.append(rows)
        return self.tiles[rows]


def numbered(count=44):
    """Tiles whose first pixel is their number."""
    tiles = np.zeros((count, 50, 50, 3), np.uint8)
    tiles[:, 0, 0, 0] = np.arange(count)
    labels = (np.arange(count) % 2).astype(np.uint8)
    return TileSet(tiles, labels, np.array([str(n % 5) for n in range(count)]), ("",) * count)


def batches(recipe, data=None, seed=0, epochs=range(1), share=None):
    from train.feed import hard_targets, training_batches

    data = data or numbered()
    return list(training_batches(data, hard_targets(data, recipe), recipe, seed, epochs, share).as_numpy_iterator())


def numbers(found):
    return [np.rint(pixels[:, 0, 0, 0] * 255).astype(int).tolist() for pixels, *_ in found]


def test_an_epoch_is_full_batches_of_tiles_in_random_order_none_twice():
    found = batches(PLAIN)
    order = np.concatenate(numbers(found)).tolist()
    assert len(found) == 5 and len(set(order)) == 40 and order != sorted(order)
    assert all(
        np.array_equal(wanted[:, 0], np.array(which) % 2)
        for which, (_, wanted, _) in zip(numbers(found), found, strict=True)
    )


def test_another_epoch_and_another_seed_have_another_order():
    first, second = numbers(batches(PLAIN, epochs=range(2)))[:5], numbers(batches(PLAIN, epochs=range(2)))[5:]
    assert first != second and first != numbers(batches(PLAIN, seed=1))


def test_a_run_that_goes_on_sees_what_the_unbroken_one_sees():
    whole, rest = batches(VARIED, epochs=range(3)), batches(VARIED, epochs=range(1, 3))
    for one, other in zip(whole[5:], rest, strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_replicas_on_two_hosts_see_together_what_one_device_sees():
    from train.feed import Share

    whole = batches(VARIED)
    parts = [batches(VARIED, share=Share(n, 1, 2)) for n in range(2)]
    for one, *halves in zip(whole, *parts, strict=True):
        for value, first, second in zip(one, *halves, strict=True):
            assert np.allclose(value, np.concatenate([first, second]), atol=1e-6)


def test_one_host_deals_its_part_of_a_batch_to_its_replicas_in_turn():
    from train.feed import Share

    whole, dealt = numbers(batches(PLAIN)), numbers(batches(PLAIN, share=Share(2, 2, 4)))
    assert [dealt[0] + dealt[1], dealt[2] + dealt[3]] == [whole[0][4:], whole[1][4:]]


def test_a_host_reads_no_tile_of_another_hosts_part():
    from train.feed import Share

    data = numbered()
    spied = replace(data, tiles=Spied(data.tiles))
    found = numbers(batches(PLAIN, spied, share=Share(1, 1, 2)))
    assert sorted(np.concatenate(spied.tiles.read).tolist()) == sorted(np.concatenate(found).tolist())


def test_tiles_beyond_memory_are_read_batch_by_batch():
    from train.feed import hard_targets, training_batches

    data = numbered(4000)
    spied = replace(data, tiles=Spied(data.tiles))
    stream = iter(training_batches(spied, hard_targets(data, PLAIN), PLAIN, 0, range(1)))
    next(stream)
    assert 1 <= len(spied.tiles.read) < 50 and max(map(len, spied.tiles.read)) == 8


@pytest.mark.parametrize(
    ("recipe", "replicas", "message"),
    [
        (PLAIN, 3, "a batch that 3 replicas can share evenly, found 8"),
        (VARIED, 8, "in pairs for mixup, found 8; set batch in the recipe to a multiple of 16"),
    ],
)
def test_a_batch_that_cannot_be_shared_evenly_is_refused(recipe, replicas, message):
    from train.feed import replica_batch

    with pytest.raises(BadInput, match=message):
        replica_batch(recipe, replicas)


def test_fewer_tiles_than_a_batch_are_refused():
    with pytest.raises(BadInput, match="at least one batch of 8 tiles to train on, found 6; lower batch"):
        batches(PLAIN, numbered(6))
