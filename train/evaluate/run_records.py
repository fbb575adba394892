"""Read what a run recorded beside its result: the epochs of its fits, and the slides that it was trained on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput

from ..run_folder import SPLIT, TUNED

Histories = Mapping[str, Sequence[Mapping[str, Any]]]
"""Records of epochs by the name of their fit."""


def read_histories(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the epochs of every fit of a run by its name (`seed0`, `distilled`, `seed0/fine_tuned`)."""
    found = {}
    for path in sorted(folder.glob("*/history.jsonl")) + sorted(folder.glob(f"*/{TUNED}/history.jsonl")):
        try:
            found[str(path.parent.relative_to(folder))] = [json.loads(line) for line in path.read_text().splitlines()]
        except (OSError, json.JSONDecodeError) as error:
            raise BadInput(
                f"expected a record a line in {path} ({error}); delete it to leave its curves out"
            ) from error
    return found


def read_trained_on(folder: Path) -> frozenset[str]:
    """Return the slides of a run's train side; none for a run that does not tell."""
    path = folder / SPLIT
    if not path.exists():
        return frozenset()
    try:
        return frozenset(json.loads(path.read_text())["sides"]["train"]["tiles_of_patient"])
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInput(f"{path} is not what a run wrote ({error!r}); delete it to do without") from error
