"""Start from a pretrained backbone, and fit in two phases: the head alone, then the whole at a lower rate."""

from __future__ import annotations

import hashlib
import logging
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .crew import Crew
from .fit import BEST_WEIGHTS, Plan, fit
from .keras import layers
from .networks import BACKBONES
from .networks.backbones import PREPROCESS
from .networks.parts import INPUT_SHAPE
from .pretrained import IMAGENET, NONE, Weights, keras_cache
from .recipe import Recipe
from .recipe_parts import Transfer
from .tiles import TileSet

HEAD = "head"
"""Folder of the first phase, inside that of the second."""
_HEAD_LAYERS = ("mean", "dropout", "logit")


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


def fit_in_phases(
    plan: Plan,
    start: Start,
    train: TileSet,
    val: TileSet,
    recipe: Recipe,
    seed: int,
    folder: Path,
    emit: Callable[[dict[str, Any]], None],
    crew: Crew,
) -> dict[str, Any]:
    """Fit as `fit` does; with a pretrained backbone, first its head for `[transfer] head_epochs`, in `folder`/head.

    The frozen backbone's batch norm keeps its own statistics. The second phase takes up the first's best weights.
    """
    if not start.of_layers:
        return fit(plan, train, val, recipe, seed, folder, emit, crew)
    how = recipe.transfer

    def begin() -> Any:
        return start.put_into(plan.build())

    if how.head_epochs:
        head = replace(plan, build=lambda: _frozen(begin()), epochs=how.head_epochs, learning_rate=how.head_rate)
        fit(head, train, val, recipe, seed, folder / HEAD, emit, crew)

        def begin() -> Any:
            network = plan.build()
            network.load_weights(str(folder / HEAD / BEST_WEIGHTS))
            return network

    whole = replace(plan, build=lambda: _thawed(begin(), how.top_layers))
    return fit(whole, train, val, recipe, seed, folder, emit, crew)


def backbone_layers(network: Any) -> list[Any]:
    """Return the layers between a network's preprocessing and its head, in order."""
    aside = (PREPROCESS, *_HEAD_LAYERS)
    return [layer for layer in network.layers if layer.name not in aside and not isinstance(layer, layers.InputLayer)]


def _frozen(network: Any) -> Any:
    for layer in backbone_layers(network):
        layer.trainable = False  # for batch norm that means its own statistics, too
    return network


def _thawed(network: Any, top_layers: int) -> Any:
    body = backbone_layers(network)
    if top_layers > len(body):
        raise BadInput(f"recipe [transfer]: expected top_layers up to {len(body)}, found {top_layers}")
    for layer in body[: len(body) - top_layers] if top_layers else []:
        layer.trainable = False
    return network


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def _log() -> logging.Logger:
    return logging.getLogger(__name__)
