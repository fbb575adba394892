"""One network in training: its optimizer, one step as one graph on every device, the moving average of its weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .crew import Crew
from .keras import keras, tf
from .optimizers import half_precision, optimizer_of
from .plan import Plan
from .recipe import Recipe
from .replicated import unify


class Learner:
    """Trains a network on all devices of a crew, step by step; the average of its weights is what counts."""

    def __init__(self, plan: Plan, recipe: Recipe, steps: int, seed: int, crew: Crew) -> None:
        if recipe.xla and crew.replicas > 1:
            raise BadInput(
                f"expected one device with xla, found {crew.replicas}, which cannot meet inside a compiled graph; "
                "set xla = false in the recipe, or give --strategy none"
            )
        self._crew, self._batch, self._decay, self._share = crew, recipe.batch, recipe.average, plan.teacher_share
        with crew.strategy.scope():
            keras.utils.set_random_seed(seed)
            self._teacher = plan.teacher() if plan.teacher else None
            self.network = _built(plan)
            self.optimizer = optimizer_of(recipe, plan, steps)
            self.optimizer.build(self.network.trainable_variables)
            self._averaged = [value for value in self.network.variables if value.dtype.is_floating]
            self.averages = [_local_copy(value) for value in self._averaged]
            unify(self.network, seed, self.optimizer.iterations, crew.replicas)
        compute = self._loss_and_gradients
        self._gradients = tf.function(compute, jit_compile=True) if recipe.xla else compute
        self._step = tf.function(self._everywhere)

    def step(self, batch: Any) -> tuple[Any, Any]:
        """Learn from one batch, as `Crew.spread` gives it; return loss and accuracy over all replicas, as tensors."""
        return self._step(batch)

    @property
    def rate(self) -> float:
        """The learning rate now."""
        return float(self._crew.local(self.optimizer.learning_rate))

    def averaged_weights(self) -> list[NDArray[Any]]:
        """Return the average in the order of `network.variables`; what has no average (counters) as it is.

        Refuses weights that are no numbers: nothing that they touch may be kept.
        """
        averages = iter(self.averages)
        values = [
            self._crew.local(next(averages) if value.dtype.is_floating else value).numpy()
            for value in self.network.variables
        ]
        current = (self._crew.local(value).numpy() for value in self._averaged)
        if not all(np.isfinite(value).all() for group in (values, current) for value in group):
            raise no_number("a weight")
        return values

    def _everywhere(self, batch: Any) -> tuple[Any, Any]:
        loss, hits = self._crew.strategy.run(self._on_one_device, batch)
        total = tf.distribute.ReduceOp.SUM
        return self._crew.strategy.reduce(total, loss, None), self._crew.strategy.reduce(total, hits, None)

    def _on_one_device(self, pixels: Any, targets: Any, weights: Any) -> tuple[Any, Any]:
        loss, hits, gradients = self._gradients(pixels, targets, weights)
        if isinstance(self.optimizer, keras.mixed_precision.LossScaleOptimizer):
            gradients = self.optimizer.get_unscaled_gradients(gradients)
        self.optimizer.apply_gradients(zip(gradients, self.network.trainable_variables, strict=True))
        step = tf.cast(self.optimizer.iterations, tf.float32)
        decay = tf.minimum(self._decay, (1.0 + step) / (10.0 + step))  # at first there is little to average
        for average, value in zip(self.averages, self._averaged, strict=True):
            average.assign_add((1.0 - decay) * (value - average))
        return loss, hits

    def _loss_and_gradients(self, pixels: Any, targets: Any, weights: Any) -> tuple[Any, Any, list[Any]]:
        if self._teacher is not None:
            opinion = tf.sigmoid(tf.cast(self._teacher(pixels, training=False), tf.float32))
            targets = self._share * opinion + (1 - self._share) * targets
        with tf.GradientTape() as tape:
            logits = self.network(pixels, training=True)
            losses = tf.nn.sigmoid_cross_entropy_with_logits(targets, logits)[:, 0]
            loss = tf.reduce_sum(losses * weights) / self._batch
            scaled = loss
            if isinstance(self.optimizer, keras.mixed_precision.LossScaleOptimizer):
                scaled = self.optimizer.get_scaled_loss(loss)
        hits = tf.reduce_sum(tf.cast((logits > 0) == (targets > 0.5), tf.float32)) / self._batch
        return loss, hits, tape.gradient(scaled, self.network.trainable_variables)


def no_number(what: str) -> BadInput:
    """Return the error for a loss, weight or logit that is NaN or infinite."""
    return BadInput(f"{what} became NaN or infinite; lower learning_rate in the recipe (earlier checkpoints are kept)")


def _built(plan: Plan) -> Any:
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy(half_precision() if plan.mixed_precision else "float32")
    try:
        network = plan.build()
    finally:
        keras.mixed_precision.set_global_policy(before)
    if network.output.dtype != tf.float32:
        raise TypeError(f"{network.name}: expected a logit of float32 (dtype='float32'), found {network.output.dtype}")
    return network


def _local_copy(value: Any) -> Any:
    """Return a variable that every replica keeps and changes by itself; all see the same weights, so all agree."""
    return tf.Variable(
        value,
        trainable=False,
        synchronization=tf.VariableSynchronization.ON_READ,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )
