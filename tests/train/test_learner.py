"""What the keys of a recipe do to one step: the average of weights, weight decay, smoothed targets."""

import importlib.util

import numpy as np
import pytest

from train.recipe import Recipe
from train.tiles import TileSet

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]
RATE, DECAY = 0.1, 0.5


def network():
    from train.keras import keras, layers

    inputs = keras.Input((2, 2, 3))
    return keras.Model(inputs, layers.Dense(1, bias_initializer="ones")(layers.Flatten()(inputs)))


def learner_of(recipe, epochs=10):
    from train.crew import alone
    from train.learner import Learner
    from train.plan import Plan

    return Learner(Plan(network, epochs, RATE, 0.0), recipe, 100, 0, alone())


def batch(weight=1.0):
    from train.keras import tf

    draw = np.random.default_rng(0)
    pixels = tf.constant(draw.random((4, 2, 2, 3)), tf.float32)
    return pixels, tf.constant([[0.0], [1.0], [0.0], [1.0]]), tf.fill((4,), weight)


def test_the_average_follows_the_weights_slowly_and_at_first_faster():
    learner = learner_of(Recipe("", batch=4, average=0.9))
    averages = [value.numpy() for value in learner.network.variables]
    for step in (1, 2, 3):
        learner.step(batch())
        decay = (1 + step) / (10 + step)  # below the recipe's 0.9 for the first 80 steps
        values = [value.numpy() for value in learner.network.variables]
        averages = [decay * average + (1 - decay) * value for average, value in zip(averages, values, strict=True)]
    for found, wanted, value in zip(learner.averaged_weights(), averages, values, strict=True):
        assert found == pytest.approx(wanted, abs=1e-5) and found != pytest.approx(value, abs=1e-3)


def test_without_an_average_the_network_itself_is_what_counts():
    learner = learner_of(Recipe("", batch=4, average=0.0))
    learner.step(batch())
    for found, value in zip(learner.averaged_weights(), learner.network.variables, strict=True):
        assert found == pytest.approx(value.numpy(), abs=1e-6)


@pytest.mark.parametrize(("optimizer", "left"), [("adamw", 1 - RATE * DECAY), ("adam", 1.0)])
def test_weight_decay_shrinks_kernels_alone_and_adam_knows_none(optimizer, left):
    learner = learner_of(Recipe("", batch=4, optimizer=optimizer, weight_decay=DECAY))
    kernel, bias = (value.numpy() for value in learner.network.variables)
    learner.step(batch(weight=0.0))  # no gradient: what moves, decays
    after = [value.numpy() for value in learner.network.variables]
    assert after[0] == pytest.approx(left * kernel, rel=1e-5) and after[1] == pytest.approx(bias)


def test_smoothed_targets_stand_half_of_it_from_nought_and_one():
    from train.feed import hard_targets

    data = TileSet(np.zeros((2, 2, 2, 3), np.uint8), np.array([0, 1], np.uint8), np.array(["a", "b"]), ("a", "b"))
    assert hard_targets(data, Recipe("", label_smoothing=0.1)).ravel() == pytest.approx([0.05, 0.95])
    assert hard_targets(data, Recipe("", label_smoothing=0.0)).ravel().tolist() == [0.0, 1.0]
