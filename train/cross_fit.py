"""Teachers that never saw what they teach: a network a fold of the training slides, trained on all other folds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from .crew import Crew
from .cross_validate import folds_of, sides
from .distill import FOLDS_SEED, Teacher, fold_teachers
from .fit import Plan, is_fitted
from .recipe import Recipe
from .start import Start
from .tiles import TileSet
from .transfer import fit_in_phases


def fit_folds(
    plan: Plan,
    start: Start,
    train: TileSet,
    val: TileSet,
    recipe: Recipe,
    folder: Path,
    emit: Callable[[dict[str, Any]], None],
    crew: Crew,
) -> list[Teacher]:
    """Fit a network a fold in `folder`/fold0, fold1, ..., and return them. What is fitted already stays as it is.

    Their last epoch is kept: validation tiles are judged for the record, and have no say in what is taught.
    """
    plan = replace(plan, keep_last=True)
    teachers = fold_teachers(recipe, folder)
    if not all(is_fitted(teacher.weights.parent, plan) for teacher in teachers):
        for number, seen, _ in sides(train, folds_of(train, len(teachers), FOLDS_SEED)):
            fit_in_phases(plan, start, seen, val, recipe, number, teachers[number].weights.parent, emit, crew)
    return teachers
