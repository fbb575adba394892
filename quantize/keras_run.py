"""Load the Keras networks of a run; the part of `quantize` that needs TensorFlow."""

from __future__ import annotations

from typing import Any

from train.fine_tune import load_fine_tuned
from train.networks import NETWORKS
from train.run_folder import Run


def float_network(run: Run) -> Any:
    """Return the chosen float network, dropout and all, with its averaged weights."""
    network = NETWORKS[run.recipe.network]()
    network.load_weights(str(run.float_weights))
    return network


def tuned_network(run: Run) -> Any:
    """Return the fake-quantized network with its fine-tuned weights."""
    return load_fine_tuned(float_network(run), run.tuned_weights)
