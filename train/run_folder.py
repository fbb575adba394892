"""The folder of a run: seeds, the chosen one, its fine-tune; what is read back when a model is converted and packed."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from edge_runtime.atomic import write_text
from edge_runtime.errors import BadInput

from .recipe import Recipe, recipe_of

RUN, RESULT = "run.json", "result.json"
DISTILLED, TUNED = "distilled", "fine_tuned"
_PACKAGES = (
    "tensorflow",
    "tf-keras",
    "tensorflow-model-optimization",
    "numpy",
    "opencv-python-headless",
    "cancernet-edge",
)


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
    def float_weights(self) -> Path:
        """The averaged weights of the chosen candidate's best epoch."""
        return self.folder / self.result["chosen"] / "best.weights.h5"

    @property
    def tuned_weights(self) -> Path:
        """The weights of the fake-quantized network."""
        return self.folder / self.result["chosen"] / TUNED / "best.weights.h5"


def claim(folder: Path, recipe: Recipe, data_sha256: str) -> None:
    """Make `folder` the run of this recipe and data, or refuse where it holds another's."""
    record = {"recipe": asdict(recipe), "data_sha256": data_sha256}
    path = folder / RUN
    if path.exists():
        if json.loads(path.read_text()) != record:
            raise BadInput(f"{folder} holds a run of another recipe or other data; give another --out, or delete it")
        return
    write_text(path, json.dumps(record, indent=2) + "\n")


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


def versions() -> dict[str, str]:
    """Return the versions of what a run was made with."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except ImportError:  # not installed as a package: run from the checkout
            found[package] = "checkout"
    return found
