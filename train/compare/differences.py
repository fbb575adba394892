"""Say in what two or more subjects differ: recipes, versions, data, and figures on the same draws of slides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edge_runtime.errors import BadInput

from ..bootstrap import interval
from ..evaluate.evaluation import Evaluation
from ..evaluate.scores import Interval
from ..evaluate.subject import Subject

NOTHING = "–"


def flat(values: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested tables as one, keys joined by a dot."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= flat(value, f"{before}{key}.") if isinstance(value, Mapping) else {f"{before}{key}": value}
    return found


def differing(tables: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return the keys whose values are not all the same, with the value of each table; NOTHING where it has none."""
    flats = [flat(table) for table in tables]
    keys = dict.fromkeys(key for table in flats for key in table)
    values = {key: [table.get(key, NOTHING) for table in flats] for key in keys}
    return {key: found for key, found in values.items() if any(value != found[0] for value in found[1:])}


def data_conflicts(subjects: Sequence[Subject]) -> list[str]:
    """Return in words what sets the training data of the subjects apart; nothing where all are the same."""
    words = []
    for key, what in (("train_sha256", "training tiles"), ("format", "data formats"), ("split_by", "kinds of split")):
        told = {subject.name: subject.data.get(key) for subject in subjects}
        known = {value for value in told.values() if value is not None}
        if len(known) > 1:
            words.append(f"{what}: " + ", ".join(f"{name} {str(value)[:12]}" for name, value in told.items()))
    return words


def refuse_other_data(subjects: Sequence[Subject], allowed: bool) -> list[str]:
    """Return what sets the training data apart; raises BadInput where it is anything and not allowed."""
    conflicts = data_conflicts(subjects)
    if conflicts and not allowed:
        raise BadInput(
            f"expected runs on the same training data, found other {'; other '.join(conflicts)}: what differs may be "
            "the data, not the recipe; give --other-data to compare all the same"
        )
    return conflicts


def paired(first: Evaluation, other: Evaluation) -> dict[str, tuple[float, Interval]]:
    """Return the figures of `other` minus those of `first`, with intervals over the same draws of slides."""
    return {
        name: (value - first.scores.values[name], _interval(first, other, name))
        for name, value in other.scores.values.items()
    }


def _interval(first: Evaluation, other: Evaluation, name: str) -> Interval:
    if name not in first.scores.intervals:
        return None
    return interval(other.scores.resampled[name] - first.scores.resampled[name])
