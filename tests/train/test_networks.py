import importlib.util

import numpy as np
import pytest

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]


@pytest.mark.parametrize(("name", "most", "parameters"), [("cancernet", 17.2e6, 355_649), ("lean", 6e6, 106_961)])
def test_a_network_costs_what_is_stated(name, most, parameters):
    from train.networks import NETWORKS, multiply_accumulates

    network = NETWORKS[name]()
    assert network.output_shape == (None, 1)
    assert multiply_accumulates(network) <= most
    assert network.count_params() == parameters


def test_cancernet_is_the_network_that_circulates():
    from train.networks import NETWORKS, multiply_accumulates

    network = NETWORKS["cancernet"]()
    assert network.get_layer("flatten").output_shape == (None, 2048)
    assert multiply_accumulates(network) == 17_145_984


def tiles(count=8):
    return np.random.default_rng(0).integers(20, 235, (count, 50, 50, 3), np.uint8)


def test_the_same_seed_varies_a_batch_alike_and_another_seed_otherwise():
    from train.augment import vary
    from train.keras import tf
    from train.recipe import Augmentation

    how = Augmentation()
    first, again, other = (np.asarray(vary(tiles(), how, tf.constant(seed))) for seed in ([1, 2], [1, 2], [1, 3]))
    assert np.array_equal(first, again) and not np.array_equal(first, other)
    assert first.min() >= 0 and first.max() <= 1


def test_turning_and_mirroring_moves_pixels_and_changes_none():
    from train.augment import vary
    from train.keras import tf
    from train.recipe import Augmentation

    source = tiles(32)
    turned = np.asarray(vary(source, Augmentation(True, 0, 0, 0), tf.constant([0, 0])))
    flat = np.sort(turned.reshape(32, -1, 3), 1)
    assert np.allclose(flat, np.sort(source.reshape(32, -1, 3) / 255, 1), atol=1e-6)
    orientations = {
        next(n for n in range(8) if np.allclose(np.rot90(one[::-1] if n // 4 else one, n % 4), varied, atol=1e-6))
        for one, varied in zip(source / 255, turned, strict=True)
    }
    assert len(orientations) == 8


def test_a_tile_has_eight_different_orientations():
    from train.distill import orientations

    views = orientations(tiles(1))
    assert len({view.tobytes() for view in map(np.ascontiguousarray, views)}) == 8
    assert all(np.array_equal(np.sort(view.ravel()), np.sort(tiles(1).ravel())) for view in views)


def test_no_variation_is_the_pixels_themselves():
    from train.augment import vary
    from train.keras import tf
    from train.recipe import Augmentation

    same = vary(tiles(), Augmentation(False, 0, 0, 0), tf.constant([0, 0]))
    assert np.allclose(same, tiles() / 255, atol=1e-6)


def test_a_stronger_stain_is_denser_in_both_directions_of_its_own_colour():
    from train.augment import HED_TO_OD, _vary_stain
    from train.keras import tf

    density = np.tile(HED_TO_OD[0] * 0.8, (64, 4, 4, 1)).astype(np.float32)  # pure haematoxylin
    varied = -np.log(np.asarray(_vary_stain(tf.exp(-density), 0.2, 0.0, [1, 1], [2, 2])))
    ratio = varied / density
    assert np.allclose(ratio, ratio[..., :1], atol=1e-3)
    assert 0.79 < ratio.min() < 0.9 < 1.1 < ratio.max() < 1.21
