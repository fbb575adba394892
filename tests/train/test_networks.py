import importlib.util

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
