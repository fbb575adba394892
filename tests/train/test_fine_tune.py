import dataclasses
import importlib.util
import logging

import numpy as np
import pytest

from train.recipe import FineTune, Recipe
from train.tiles import TileSet

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]

RECIPE = Recipe("cancernet", batch=8, average=0.0, fine_tune=FineTune(epochs=1, calibrate=True))


def some_tiles(count=16, seed=0):
    tiles = np.random.default_rng(seed).integers(0, 256, (count, 50, 50, 3), np.uint8)
    return TileSet(tiles, (np.arange(count) % 2).astype(np.uint8), np.array(["a"] * count), ("",) * count)


def faint():
    """A network whose activations are far smaller than the range that tfmot begins with."""
    from train.keras import keras
    from train.networks import NETWORKS

    keras.utils.set_random_seed(1)
    network = NETWORKS["cancernet"]()
    for name in ("conv32", "conv64"):
        layer = network.get_layer(name)
        layer.set_weights([value / 10 for value in layer.get_weights()])
    return network


def range_of(model, layer):
    values = {variable.name.rpartition("_")[2]: variable for variable in model.get_layer(layer).variables}
    return float(values["min:0"]), float(values["max:0"])


def test_ranges_begin_where_the_float_network_reaches():
    from train.fine_tune import quantized
    from train.keras import keras
    from train.ranges import set_ranges

    parent, tiles = faint(), some_tiles().tiles
    model = quantized(parent)
    assert range_of(model, "quant_conv32") == (-6, 6)
    set_ranges(model, tiles)
    reached = np.asarray(keras.Model(parent.input, parent.get_layer("conv32").output)(tiles / np.float32(255)))
    assert range_of(model, "quant_conv32") == pytest.approx((0, reached.max()), rel=1e-5) and reached.max() < 1


def test_a_network_is_quantized_again_once_its_ranges_are_set():
    from train.fine_tune import quantized
    from train.ranges import set_ranges

    model = quantized(faint())
    set_ranges(model, some_tiles().tiles[:1])
    bright = np.full((1, 50, 50, 3), 1, np.float32)
    assert np.asarray(model(bright, training=False)).dtype == np.float32
    before = range_of(model, "quant_conv32")
    model(bright, training=True)
    assert abs(range_of(model, "quant_conv32")[1] / before[1] - 1) < 0.01  # moved a little, not set


def test_a_calibrated_fine_tune_begins_close_to_its_parent(tmp_path):
    from train.feed import logits_of
    from train.fine_tune import fine_tune, load_fine_tuned
    from train.fit import BEST_WEIGHTS

    parent, data = faint(), some_tiles()
    still = dataclasses.replace(RECIPE, fine_tune=FineTune(1, 1e-8, 0.8, calibrate=True))
    assert fine_tune(faint, data, some_tiles(8, 1), still, 0, tmp_path / "tuned", lambda record: None)
    wanted = logits_of(parent, data.tiles)
    found = logits_of(load_fine_tuned(parent, tmp_path / "tuned" / BEST_WEIGHTS), data.tiles)
    assert np.abs(found - wanted).max() < 0.1 * np.abs(wanted).max()


def test_a_recipe_without_a_fine_tune_says_that_the_network_will_be_calibrated(tmp_path, caplog):
    from train.fine_tune import fine_tune

    none = dataclasses.replace(RECIPE, fine_tune=FineTune(epochs=0))
    with caplog.at_level(logging.WARNING):
        assert fine_tune(faint, some_tiles(), some_tiles(8, 1), none, 0, tmp_path, print) is None
    assert "calibrated after training (ptq): the recipe says so" in caplog.text


def test_a_network_that_cannot_be_quantized_in_the_loop_is_calibrated_and_the_reason_said(tmp_path, caplog):
    from train.fine_tune import fine_tune
    from train.keras import keras, layers

    def parent():
        x = inputs = keras.Input((50, 50, 3))
        x = layers.GlobalAveragePooling2D()(layers.Multiply(name="gate")([x, x]))
        return keras.Model(inputs, layers.Dense(1)(x))

    with caplog.at_level(logging.WARNING):
        assert fine_tune(parent, some_tiles(), some_tiles(8, 1), RECIPE, 0, tmp_path, print) is None
    assert "calibrated after training (ptq): Layer gate" in caplog.text
