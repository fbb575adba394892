import importlib.util

import numpy as np
import pytest

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]

ELSEWHERE = {"lean", "cancernet"}
"""Converted by test_workstation.py, in both ways."""
SMALL = {"tiny", "cancernet_separable", "custom"}
CUT = {
    "mobilenet_v2": "block_2_add",
    "resnet50": "conv2_block2_out",
    "efficientnet_b0": "block2b_add",
    "vgg16": None,
}
"""Where a large network is cut off: behind it the same kinds of layers come again, at seconds each."""
CALIBRATED = {"efficientnet_b0"}
"""What tfmot cannot quantize in the loop."""


def some_tiles(count=3):
    """Tiles without the ends of the range."""
    return np.random.default_rng(0).integers(20, 236, (count, 50, 50, 3), np.uint8)


def require_device_form(flatbuffer):
    """Int8 all through, and an input that flips one bit a pixel."""
    from edge_runtime.interpreters import build
    from quantize.graph import require_int8

    require_int8(flatbuffer, 50)
    interpreter, _ = build(flatbuffer, "litert-builtin")
    scale, zero_point = interpreter.get_input_details()[0]["quantization"]
    assert scale == pytest.approx(1 / 255) and zero_point == -128


def built(name):
    """The network, a large one without most of its repetitions."""
    from train.keras import keras, layers
    from train.networks import NETWORKS

    network = NETWORKS[name]()
    if CUT.get(name) is None:
        return network
    x = layers.GlobalAveragePooling2D()(network.get_layer(CUT[name]).output)
    return keras.Model(network.input, layers.Dense(1)(x))


def test_the_names_here_are_all_networks():
    from train.networks import NETWORKS

    assert {*ELSEWHERE, *SMALL, *CUT} == set(NETWORKS)


@pytest.mark.parametrize("name", sorted({*SMALL, *CUT} - CALIBRATED))
def test_a_network_quantized_in_the_loop_becomes_int8_all_through(name):
    from quantize.convert import to_int8
    from train.fine_tune import quantized

    require_device_form(to_int8(quantized(built(name))))


@pytest.mark.parametrize("name", ["cancernet_separable", *sorted(CALIBRATED)])
def test_a_calibrated_network_becomes_int8_all_through(name):
    from quantize.convert import to_int8

    require_device_form(to_int8(built(name), some_tiles()))


def test_a_layer_that_cannot_be_quantized_in_the_loop_is_named():
    from train.fine_tune import NotInTheLoop, quantized

    with pytest.raises(NotInTheLoop, match="block1a_se_excite"):
        quantized(built("efficientnet_b0"))


def test_relu_before_batch_norm_keeps_a_network_from_the_loop():
    from train.fine_tune import NotInTheLoop, quantized
    from train.keras import keras, layers

    x = inputs = keras.Input((50, 50, 3))
    x = layers.BatchNormalization(name="late")(layers.ReLU()(layers.Conv2D(4, 3)(x)))
    with pytest.raises(NotInTheLoop, match="late"):
        quantized(keras.Model(inputs, layers.Dense(1)(layers.GlobalAveragePooling2D()(x))))
