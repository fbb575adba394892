"""Fit a network with a pretrained backbone in two phases: the head alone, then the whole at a lower rate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput

from .crew import Crew
from .fit import BEST_WEIGHTS, Plan, fit
from .keras import layers
from .networks.backbones import PREPROCESS
from .recipe import Recipe
from .start import Start
from .tiles import TileSet

HEAD = "head"
"""Folder of the first phase, inside that of the second."""
_HEAD_LAYERS = ("mean", "dropout", "logit")


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
