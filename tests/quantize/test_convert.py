import importlib.util

import numpy as np
import pytest

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]

CALIBRATED = {"efficientnet_b0"}
"""What tfmot cannot quantize in the loop."""
LARGE = {"mobilenet_v2", "resnet50", "vgg16", "efficientnet_b0"}
NAMES = ("lean", "tiny", "cancernet", "cancernet_separable", "custom", *sorted(LARGE))


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


def test_the_names_below_are_all_networks():
    from train.networks import NETWORKS

    assert set(NAMES) == set(NETWORKS)


@pytest.mark.parametrize("name", NAMES)
def test_a_network_becomes_int8_all_through(name):
    from quantize.convert import to_int8
    from train.fine_tune import quantized
    from train.networks import NETWORKS

    network = NETWORKS[name]()
    if name in CALIBRATED:
        require_device_form(to_int8(network, some_tiles()))
    else:
        require_device_form(to_int8(quantized(network)))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LARGE])
def test_a_network_that_was_not_fine_tuned_is_calibrated(name):
    from quantize.convert import to_int8
    from train.networks import NETWORKS

    require_device_form(to_int8(NETWORKS[name](), some_tiles()))


def test_a_layer_that_cannot_be_quantized_in_the_loop_is_named():
    from train.fine_tune import why_not_in_the_loop
    from train.networks import NETWORKS

    assert why_not_in_the_loop(NETWORKS["cancernet"]()) is None
    assert "block1a_se_excite" in why_not_in_the_loop(NETWORKS["efficientnet_b0"]())


def test_relu_before_batch_norm_is_named_as_what_keeps_a_network_from_the_loop():
    from train.fine_tune import why_not_in_the_loop
    from train.keras import keras, layers

    x = inputs = keras.Input((50, 50, 3))
    x = layers.BatchNormalization(name="late")(layers.ReLU()(layers.Conv2D(4, 3)(x)))
    network = keras.Model(inputs, layers.Dense(1)(layers.GlobalAveragePooling2D()(x)))
    assert "late" in why_not_in_the_loop(network)
