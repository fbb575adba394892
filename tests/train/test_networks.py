import importlib.util

import numpy as np
import pytest

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]


@pytest.mark.parametrize(
    ("name", "multiply_accumulates", "parameters"),
    [
        ("lean", 4_959_952, 106_961),
        ("tiny", 1_464_880, 29_649),
        ("cancernet", 17_145_984, 355_649),
        ("cancernet_separable", 12_180_364, 1_234_076),
        ("custom", 9_268_544, 98_289),
        ("mobilenet_v2", 21_303_908, 2_259_277),
        ("vgg16", 723_117_284, 14_715_213),
    ],
)
def test_a_network_costs_what_is_stated(name, multiply_accumulates, parameters):
    from train import networks

    network = networks.NETWORKS[name]()
    assert network.name == name and network.output_shape == (None, 1)
    assert networks.multiply_accumulates(network) == multiply_accumulates
    assert network.count_params() == parameters


def test_tiny_and_lean_keep_to_their_budgets():
    from train.networks import NETWORKS, multiply_accumulates

    assert multiply_accumulates(NETWORKS["lean"]()) <= 6e6 and multiply_accumulates(NETWORKS["tiny"]()) <= 1.5e6


def test_cancernet_is_the_network_that_circulates():
    from train.networks import NETWORKS

    assert NETWORKS["cancernet"]().get_layer("flatten").output_shape == (None, 2048)
    separable = NETWORKS["cancernet_separable"]()
    kinds = [(layer.name, layer.filters) for layer in separable.layers if type(layer).__name__ == "SeparableConv2D"]
    assert [filters for _, filters in kinds] == [32, 64, 64, 128, 128, 128]
    assert separable.get_layer("dense").output_shape == (None, 1, 1, 256)


def test_every_network_has_a_recipe_of_its_name():
    from train.networks import NETWORKS
    from train.recipe import known_networks

    assert known_networks() == sorted(NETWORKS)


def test_a_separable_convolution_counts_both_of_its_parts():
    from train.keras import keras, layers
    from train.networks import multiply_accumulates

    inputs = keras.Input((10, 10, 4))
    network = keras.Model(inputs, layers.SeparableConv2D(8, 3, padding="same")(inputs))
    assert multiply_accumulates(network) == 100 * (9 * 4 + 4 * 8)


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
