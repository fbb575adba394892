"""Make the layers of a network in training behave the same however many replicas a batch is divided among."""

from __future__ import annotations

from typing import Any

from .keras import layers, tf


def unify(network: Any, seed: int, step: Any, replicas: int) -> None:
    """Change a network's dropout and batch normalization in place; `step` is a variable that counts steps.

    Dropout's masks come to depend on seed, layer and step alone, so a resumed run needs no state of theirs. Over
    several replicas, batch normalization takes its statistics from the whole batch, as one device does.
    """
    parts = [part for part in network.submodules if isinstance(part, layers.Layer)]
    for number, part in enumerate(part for part in parts if isinstance(part, layers.Dropout)):
        part._random_generator = _Masks(seed, number, step)
    for part in parts:
        if replicas > 1 and isinstance(part, layers.BatchNormalization):
            part.synchronized, part.fused = True, False  # the fused kernel sees its own replica alone


class _Masks:
    """Stands in for the random generator of a Dropout layer."""

    def __init__(self, seed: int, number: int, step: Any) -> None:
        self._seed = (seed * 1009 + number) % 2**31
        self._step = step

    def dropout(self, inputs: Any, rate: float, noise_shape: Any = None) -> Any:
        """Return `inputs`, some of them 0 and the others enlarged: a replica's rows of the mask of the whole batch."""
        replica = tf.distribute.get_replica_context()
        shape = tf.shape(inputs) if noise_shape is None else noise_shape
        whole = tf.concat([shape[:1] * replica.num_replicas_in_sync, shape[1:]], 0)
        seed = tf.stack([tf.constant(self._seed), tf.cast(self._step, tf.int32)])
        numbers = tf.random.stateless_uniform(whole, seed, alg="philox")
        mine = numbers[replica.replica_id_in_sync_group * shape[0] :][: shape[0]]
        return tf.where(mine >= rate, inputs / (1 - rate), tf.zeros_like(inputs))
