"""What happens beside the steps of a fit: the moving average of weights, and a bar for a person."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from edge_runtime.errors import BadInput

from .keras import keras, tf


class WeightAverage(keras.callbacks.Callback):  # type: ignore[misc]
    """Keep an exponential moving average of all real-valued variables, BN statistics and ranges included."""

    def __init__(self, model: Any, decay: float) -> None:
        super().__init__()
        self.steps = tf.Variable(0, dtype=tf.int64, trainable=False)
        self._variables = [value for value in model.variables if value.dtype.is_floating]
        self.averages = [tf.Variable(value, trainable=False) for value in self._variables]
        self._decay = decay
        self._update = tf.function(self._blend)

    def _blend(self) -> None:
        self.steps.assign_add(1)
        step = tf.cast(self.steps, tf.float32)
        decay = tf.minimum(self._decay, (1.0 + step) / (10.0 + step))  # at first there is little to average
        for average, value in zip(self.averages, self._variables, strict=True):
            average.assign_add((1.0 - decay) * (value - average))

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Blend the weights of this step in."""
        self._update()

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Put the average into the model for the length of a block."""
        kept = [value.numpy() for value in self._variables]
        for average, value in zip(self.averages, self._variables, strict=True):
            value.assign(average)
        try:
            yield
        finally:
            for old, value in zip(kept, self._variables, strict=True):
                value.assign(old)


class Bar(keras.callbacks.Callback):  # type: ignore[misc]
    """Draw a progress bar on standard error when a person watches, and stop a run whose loss is no number."""

    def __init__(self, title: str, steps: int) -> None:
        super().__init__()
        self._bar = tqdm(total=steps, desc=title, unit="batch", disable=not sys.stderr.isatty(), leave=False)

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Advance by one batch."""
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise BadInput(
                f"the loss became {loss} at batch {batch}; lower learning_rate in the recipe (checkpoints are kept)"
            )
        self._bar.set_postfix(loss=f"{loss:.4f}", refresh=False)
        self._bar.update()

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        """Take the bar away."""
        self._bar.close()
