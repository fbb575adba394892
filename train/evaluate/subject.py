"""Open what is evaluated: a packed model file, by its contract, or the folder of a finished run, its float network."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.context import Kernel
from edge_runtime.contract import Contract
from edge_runtime.errors import BadInput
from edge_runtime.model_file import SHIPPED, ModelFile, find_model, open_model

from ..formats import FORMATS, IDC, DataFormat, format_named
from ..recipe import recipe_of
from ..run_folder import SPLIT, TUNED, Run, read_run
from ..tiles import TileSet

MODEL_FILE, RUN = "model file", "run"
Histories = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Subject:
    """Something that gives logits, and what is known of it."""

    name: str
    """Short, for headings."""
    kind: str
    """MODEL_FILE or RUN."""
    where: Path
    """File or folder."""
    format: DataFormat
    """What it was trained to tell apart."""
    logits: Callable[[TileSet], NDArray[np.float32]]
    """Tiles -> float32 (n,), each slide's colours brought to the reference first where it asks for that."""
    contract: Contract | None
    """Thresholds, calibration, context; None: not chosen yet, validation patients decide."""
    recipe: Mapping[str, Any]
    """How it was trained."""
    data: Mapping[str, Any]
    """Data hash and counts of what it was trained on."""
    histories: Histories
    """Records of epochs by fit; none in a model file."""
    facts: Mapping[str, str]
    """What else identifies it: file, hash, the choice among candidates."""
    versions: Mapping[str, str]
    """Of the software that made it."""
    chosen: str = ""
    """Which of a run's candidates it is."""
    kernel: Kernel | None = None
    """Of the context stage that validation patients decide on; a contract has its own."""
    trained_on: frozenset[str] = frozenset()
    """The slides that it was trained on, where the run tells."""


def open_subject(given: str, threads: int) -> Subject:
    """Open a model file, a shipped model by its name, or the folder of a finished run."""
    path = Path(given)
    if path.is_dir():
        return _run_subject(read_run(path))
    if not path.exists() and given not in SHIPPED:
        raise BadInput(
            f"expected a model file, a shipped model ({', '.join(SHIPPED)}) or the folder of a finished run, "
            f"found nothing at {given}"
        )
    return _model_subject(open_model(find_model(given)), threads)


def refuse_other_data(subject: Subject, data: TileSet) -> None:
    """Raise BadInput where tiles have other labels or another scale than what the subject learned."""
    if data.format != subject.format.name:
        raise BadInput(
            f"{subject.where}: expected tiles of the format {subject.format.name} ({', '.join(subject.format.labels)} "
            f"at {subject.format.um_per_px:.3g} µm per px), found an index of {data.format}; give its own --index"
        )


def _model_subject(model: ModelFile, threads: int) -> Subject:
    from ..evidence import logits_of

    contract = model.contract

    def logits(data: TileSet) -> NDArray[np.float32]:
        return logits_of(model, data, threads=threads)

    training = contract.training
    kind = "int8" if contract.graph_dtype == "int8" else "float"
    return Subject(
        name=f"{contract.name} {kind}",
        kind=MODEL_FILE,
        where=Path(model.name),
        format=_format_of(contract, model.name),
        logits=logits,
        contract=contract,
        recipe=_in_full(training.get("recipe", {})),
        data=training.get("data", {}),
        histories={},
        facts={
            "model file": f"{Path(model.name).name}, version {contract.version}, {len(model.content) / 1e3:.0f} kB",
            "SHA-256": model.sha256,
        },
        versions=training.get("versions", {}),
    )


def _format_of(contract: Contract, name: str) -> DataFormat:
    for kind in FORMATS.values():
        if kind.labels == contract.labels and abs(kind.um_per_px / contract.um_per_px - 1) < 0.01:
            return kind
    known = "; ".join(f"{kind.name}: {', '.join(kind.labels)}" for kind in FORMATS.values())
    raise BadInput(f"{name}: expected a model of a known data format ({known}), found {', '.join(contract.labels)}")


def _in_full(recipe: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a recorded recipe with what was not in recipes of its time at its default."""
    try:
        return asdict(recipe_of(dict(recipe)))
    except BadInput:  # of another version, or none at all
        return recipe


def _run_subject(run: Run) -> Subject:
    def logits(data: TileSet) -> NDArray[np.float32]:
        from ..feed import logits_of  # TensorFlow
        from ..networks import NETWORKS
        from ..normalize import normalized

        network = NETWORKS[run.recipe.network]()
        network.load_weights(str(run.float_weights))
        return np.asarray(logits_of(network, normalized(data, run.stain_normalization).tiles))

    data, neighbours = run.result.get("data", {}), run.recipe.context
    return Subject(
        name=f"{run.folder.name} ({run.recipe.network} float)",
        kind=RUN,
        where=run.folder,
        format=format_named(data.get("format", IDC.name)),
        logits=logits,
        contract=None,
        recipe=asdict(run.recipe),
        data=data,
        histories=read_histories(run.folder),
        facts={
            "run": f"{run.folder}, chosen {run.result['chosen']} by AUC on validation patients",
        },
        versions=run.result.get("versions", {}),
        chosen=run.result["chosen"],
        kernel=neighbours.kernel() if neighbours.radius and neighbours.own else None,
        trained_on=_trained_on(run.folder),
    )


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


def _trained_on(folder: Path) -> frozenset[str]:
    """Return the slides of a run's train side; none for a run that does not tell."""
    path = folder / SPLIT
    if not path.exists():
        return frozenset()
    try:
        return frozenset(json.loads(path.read_text())["sides"]["train"]["tiles_of_patient"])
    except (OSError, json.JSONDecodeError, KeyError, TypeError) as error:
        raise BadInput(f"{path} is not what a run wrote ({error!r}); delete it to do without") from error


def versions_words(versions: Mapping[str, str]) -> str:
    """Return versions in words."""
    return ", ".join(f"{package} {version}" for package, version in versions.items()) or "not recorded"
