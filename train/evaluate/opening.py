"""Open what is evaluated: a packed model file, by its contract, or the folder of a finished run, its float network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import Contract
from edge_runtime.errors import BadInput
from edge_runtime.model_file import SHIPPED, ModelFile, find_model, open_model

from ..formats import FORMATS, IDC, DataFormat, format_named
from ..recipe import recipe_of
from ..run_folder import Run, read_run
from ..tiles import TileSet
from .run_records import read_histories, read_trained_on
from .subject import MODEL_FILE, RUN, Subject


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
        trained_on=read_trained_on(run.folder),
    )
