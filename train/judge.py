"""Judge a network in training on validation patients: a plain float32 twin on this host takes its averaged weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime import metrics

from .feed import judged_by
from .learner import no_number
from .tiles import TileSet


class Judge:
    """A network outside all distribution and half precision; what it scores is what would be shipped."""

    def __init__(self, build: Callable[[], Any], val: TileSet) -> None:
        self._network, self._val = build(), val
        self._logits = judged_by(self._network)

    def score(self, weights: Sequence[NDArray[Any]]) -> dict[str, float]:
        """Take weights (in the order of `variables`) and return the figures of an epoch, all on validation tiles.

        `val_loss` is the mean binary cross-entropy of the labels, neither smoothed nor weighted; `val_accuracy` is that
        at logit 0, `val_balanced_accuracy` that at the best threshold.
        """
        for variable, value in zip(self._network.variables, weights, strict=True):
            variable.assign(value)
        logits, labels = self._logits(self._val.tiles), self._val.labels
        if not np.isfinite(logits).all():
            raise no_number("a logit")
        threshold = metrics.best_threshold(labels, logits)
        return {
            "val_loss": float(np.mean(np.logaddexp(0, logits.astype(np.float64)) - labels * logits)),
            "val_accuracy": float(np.mean((logits > 0) == (labels == 1))),
            "val_auc": metrics.auc(labels, logits),
            "val_balanced_accuracy": metrics.balanced_accuracy(labels, logits >= threshold),
        }

    def save(self, path: Path) -> None:
        """Write the weights as `path` (.h5), whole or not at all."""
        half = path.with_name(f".{path.name}")  # the name must end in .h5, and a killed run must not leave half of it
        try:
            half.write_bytes(bytes(self._room()))  # HDF5 itself takes a full disk badly
            self._network.save_weights(str(half))
            half.replace(path)
        except BaseException:
            half.unlink(missing_ok=True)
            raise

    def _room(self) -> int:
        """Return bytes enough for the weights' file: HDF5 adds some 2 kB a variable."""
        return 4 * int(self._network.count_params()) + 4096 * len(self._network.variables)
