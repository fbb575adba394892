"""What the networks of a run start from: random weights, ImageNet's, or those of a file."""

from __future__ import annotations

import hashlib
import logging
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .keras import layers
from .networks import BACKBONES
from .networks.parts import INPUT_SHAPE
from .pretrained import IMAGENET, NONE, Weights, keras_cache
from .recipe import Recipe
from .recipe_parts import Transfer


@dataclass(frozen=True)
class Start:
    """What the networks of a run start from."""

    source: str = NONE
    """imagenet, file or none."""
    of_layers: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    """Name of a layer of the backbone -> its weights; empty: random ones."""

    def record(self) -> dict[str, str]:
        """Return what a run writes down: the source, and a SHA-256 of the weights."""
        digest = hashlib.sha256()
        for name, values in sorted(self.of_layers.items()):
            digest.update(name.encode())
            for value in values:
                digest.update(value.tobytes())
        return {"source": self.source} | ({"sha256": digest.hexdigest()} if self.of_layers else {})

    def put_into(self, network: Any) -> Any:
        """Set the weights of a network's backbone and return it."""
        for name, values in self.of_layers.items():
            network.get_layer(name).set_weights(values)
        return network


def read_start(recipe: Recipe, weights: Weights) -> Start:
    """Load what a run starts from; refuses weights that cannot be had or are another network's.

    ImageNet's come from Keras' cache, which Keras fills where it reaches its server.
    """
    if recipe.network not in BACKBONES and recipe.transfer != Transfer():
        raise BadInput(
            f"recipe [transfer]: expected it for a network with a backbone ({', '.join(BACKBONES)}), found it for "
            f"{recipe.network}; leave it away"
        )
    if weights.source == NONE:
        if recipe.network in BACKBONES:
            _log().warning("%s starts from random weights: all of it learns from the first step", recipe.network)
        return Start()
    backbone = _imagenet(recipe.network) if weights.source == IMAGENET else _from_file(recipe.network, weights.path)
    # EfficientNet's own preprocessing is not in our graph
    kept = (layer for layer in backbone.layers if layer.weights and not isinstance(layer, layers.Normalization))
    return Start(weights.source, {layer.name: layer.get_weights() for layer in kept})


def _imagenet(network: str) -> Any:
    path = keras_cache(network)
    if not path.exists():
        _log().info("no ImageNet weights of %s at %s yet; asking Keras to fetch them", network, path)
    try:
        with redirect_stdout(sys.stderr):  # Keras prints that it downloads; standard output is for results
            return BACKBONES[network].build(weights=IMAGENET, input_shape=INPUT_SHAPE)
    except Exception as error:  # Keras raises a plain Exception where it cannot fetch, others for a damaged file
        raise BadInput(
            f"expected the ImageNet weights of {network} at {path}, and could not fetch them ({_first_line(error)}); "
            f"put that file there, name another by --weights FILE, or start from random ones: --weights {NONE}"
        ) from error


def _from_file(network: str, path: Path | None) -> Any:
    backbone = BACKBONES[network].build(weights=None, input_shape=INPUT_SHAPE)
    try:
        backbone.load_weights(str(path))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise BadInput(
            f"expected {path} to hold the weights of keras.applications.{BACKBONES[network].application} without its "
            f"top ({len(backbone.weights)} arrays), and could not read them from it ({_first_line(error)}); give the "
            f"file of that network, or --weights {NONE}"
        ) from error
    return backbone


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _log() -> logging.Logger:
    return logging.getLogger(__name__)
