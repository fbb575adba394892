"""Let networks teach another: their probability becomes a part of its target."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .cross_validate import folds_of
from .feed import hard_targets, judged_by
from .fit import BEST_WEIGHTS
from .networks import NETWORKS
from .recipe import Recipe
from .run_folder import Run
from .tiles import TileSet

FOLDS_SEED = 0
"""Of the deal of training slides to folds."""


@dataclass(frozen=True)
class Teacher:
    """A trained network on disk."""

    network: str
    """Name in train.networks.NETWORKS."""
    weights: Path
    """Its averaged weights."""
    fold: tuple[int, int] | None = None
    """(number, of how many) of the fold of training slides that it never saw; None: it saw all of them."""

    def load(self) -> Any:
        """Return the float network."""
        network = NETWORKS[self.network]()
        network.load_weights(str(self.weights))
        return network

    def pupils(self, data: TileSet) -> NDArray[np.intp]:
        """Return which training tiles it may speak of: those that it never saw, or all where it saw all."""
        if self.fold is None:
            return np.arange(len(data))
        number, count = self.fold
        return np.flatnonzero(folds_of(data, count, FOLDS_SEED) == number)

    def record(self) -> dict[str, str]:
        """Return what a taught run writes down: run, candidate, network, and a SHA-256 of the file of weights."""
        candidate = self.weights.parent
        return {
            "run": candidate.parent.name,
            "candidate": candidate.name,
            "network": self.network,
            "sha256": hashlib.sha256(self.weights.read_bytes()).hexdigest(),
        }


def teachers_of(runs: Sequence[Run], recipe: Recipe, data_sha256: str) -> list[Teacher]:
    """Return the teachers that other runs have: their networks a fold, or else every candidate.

    Refuses a run on other training tiles, which may have seen a patient that is held out here, or on another stain
    balance, and a recipe that teaches nobody.
    """
    if runs and not recipe.distillation.epochs:
        raise BadInput("--teachers: expected [distillation] epochs above 0 in the recipe, found 0; nobody is taught")
    for run in runs:
        if run.result["data"]["train_sha256"] != data_sha256:
            raise BadInput(
                f"expected teachers that were trained on the very tiles of this run, found {run.folder}, trained on "
                "others: it may have seen patients that are held out here; train it on this index"
            )
        if run.recipe.stain_strength != recipe.stain_strength:
            raise BadInput(
                f"expected teachers of stain_strength {recipe.stain_strength:g} as in this recipe, found {run.folder} "
                f"of {run.recipe.stain_strength:g}: it knows other colours"
            )
    taught = [teacher for run in runs for teacher in _teachers_in(run)]
    for teacher in taught:
        if not teacher.weights.is_file():
            raise BadInput(f"expected the weights of a teacher at {teacher.weights}, found none; train that run again")
    return taught


def _teachers_in(run: Run) -> list[Teacher]:
    own = fold_teachers(run.recipe, run.folder)
    return own or [Teacher(run.recipe.network, path) for path in run.candidate_weights]


def fold_teachers(recipe: Recipe, folder: Path) -> list[Teacher]:
    """Return the networks a fold of a run in `folder`, fitted or not; none where its recipe asks for none."""
    count = recipe.distillation.folds
    return [Teacher(recipe.network, folder / f"fold{n}" / BEST_WEIGHTS, (n, count)) for n in range(count)]


def taught_targets(teachers: Sequence[Teacher], data: TileSet, recipe: Recipe) -> NDArray[np.float32]:
    """Return float32 (n, 1): the teachers' mean probability over eight orientations, mixed with the labels."""
    total, voices = np.zeros(len(data)), np.zeros(len(data))
    for teacher in teachers:
        network, pupils = judged_by(teacher.load()), teacher.pupils(data)
        opinions = [1 / (1 + np.exp(-network(view))) for view in orientations(data.tiles[pupils])]
        total[pupils] += np.mean(opinions, axis=0)
        voices[pupils] += 1
    share = recipe.distillation.teacher_share
    taught = share * (total / voices)[:, None] + (1 - share) * hard_targets(data, recipe)
    return taught.astype(np.float32)


def orientations(tiles: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """Return uint8 tiles (n, h, h, 3) turned and mirrored in all eight ways, as views."""
    return [np.rot90(side, turns, axes=(1, 2)) for side in (tiles, tiles[:, :, ::-1]) for turns in range(4)]
