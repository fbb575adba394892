"""Import TensorFlow with Keras 2 (tf-keras), which the model optimization toolkit needs; the one place that does."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import Any, TypeVar

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")  # must be set before TensorFlow is imported
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import tensorflow as tf
import tf_keras as keras
from tf_keras import layers

keras.backend.experimental.enable_tf_random_generator()  # first weights then follow from one seed

for talkative in ("absl", "tensorflow"):  # they tell a person of temporary folders and sharding
    logging.getLogger(talkative).setLevel(logging.ERROR)

__all__ = ["compiled", "keras", "layers", "tf"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Return a function of tensors as one graph, compiled by XLA for each kind of input that it meets."""
    graph: _Function = tf.function(function, jit_compile=True)
    return graph
