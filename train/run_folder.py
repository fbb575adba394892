"""The folder of a run: seeds, the chosen one, its fine-tune; what is read back when a model is converted and packed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge_runtime.atomic import write_text
from edge_runtime.contract import StainNormalization
from edge_runtime.errors import BadInput
from edge_runtime.from_json import from_json

from .provenance import commit, versions
from .recipe import Recipe, recipe_of
from .recipe_parts import QAT
from .tiles import TileSet

RUN, SPLIT, MADE, RESULT = "run.json", "split.json", "made.json", "result.json"
DISTILLED, TUNED = "distilled", "fine_tuned"


@dataclass(frozen=True)
class Run:
    """A finished run, as the next tool finds it."""

    folder: Path
    """Where it lies."""
    recipe: Recipe
    """How it was trained."""
    result: dict[str, Any]
    """Candidates, the chosen one, figures on validation patients, data hash, versions."""

    @property
    def stain_normalization(self) -> StainNormalization | None:
        """What every slide goes through before the network; None: nothing."""
        found = self.result.get("stain_normalization")
        return None if found is None else from_json(StainNormalization, found)

    @property
    def float_weights(self) -> Path:
        """The averaged weights of the chosen candidate's best epoch."""
        return self.folder / self.result["chosen"] / "best.weights.h5"

    @property
    def candidate_weights(self) -> list[Path]:
        """The averaged weights of every candidate's best epoch."""
        return [self.folder / name / "best.weights.h5" for name in self.result["candidates"]]

    @property
    def quantization(self) -> str:
        """How this network becomes int8: qat, or ptq where it was not fine-tuned."""
        return str(self.result.get("quantization", QAT))

    @property
    def tuned_weights(self) -> Path:
        """The weights of the fake-quantized network; not there after ptq."""
        return self.folder / self.result["chosen"] / TUNED / "best.weights.h5"


def claim(folder: Path, recipe: Recipe, data_sha256: str, origin: Mapping[str, Any] | None = None) -> None:
    """Make `folder` the run of this recipe, data and origin (weights, teachers), or refuse where it holds another's."""
    path = folder / RUN
    rest = {"data_sha256": data_sha256} | dict(origin or {})
    if not path.exists():
        write_text(path, json.dumps({"recipe": asdict(recipe)} | rest, indent=2) + "\n")
    try:
        found = json.loads(path.read_text())
        same = recipe_of(found.pop("recipe")) == recipe and found == rest
    except (OSError, json.JSONDecodeError, KeyError, TypeError, BadInput) as error:
        raise BadInput(f"{path} is not what a run wrote ({error}); give another --out, or delete {folder}") from error
    if not same:
        raise BadInput(
            f"{folder} holds a run of another recipe, other data, weights or teachers; give another --out, or delete it"
        )


def describe(folder: Path, sides: Mapping[str, TileSet], strategy: str, replicas: int) -> None:
    """Write what a run is made of: patients and tiles of each side; for each start versions, commit and devices."""
    first = next(iter(sides.values()))
    split = {"format": first.format, "split_by": first.split_by, "sides": {n: _side(s) for n, s in sides.items()}}
    write_text(folder / SPLIT, json.dumps(split, indent=2) + "\n")
    made = json.loads((folder / MADE).read_text()) if (folder / MADE).exists() else []
    made.append({"versions": versions(), "commit": commit(), "strategy": strategy, "replicas": replicas})
    write_text(folder / MADE, json.dumps(made, indent=2) + "\n")


def _side(side: TileSet) -> dict[str, Any]:
    counts = np.bincount(side.labels, minlength=2)
    patients, tiles = np.unique(side.patients, return_counts=True)
    return {
        "tiles_of_class": counts.tolist(),
        "tiles_of_patient": dict(zip(patients.tolist(), tiles.tolist(), strict=True)),
    }


def finish(folder: Path, result: dict[str, Any]) -> None:
    """Write what a run found, with the versions that made it."""
    write_text(folder / RESULT, json.dumps(result | {"versions": versions()}, indent=2) + "\n")


def read_run(folder: Path) -> Run:
    """Read a finished run; refuses a folder that holds none."""
    try:
        run, result = json.loads((folder / RUN).read_text()), json.loads((folder / RESULT).read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise BadInput(
            f"expected a finished run in {folder} ({error}); make one: python -m train fit --out {folder}"
        ) from error
    return Run(folder, recipe_of(run["recipe"]), result)
