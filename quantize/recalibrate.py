"""Give a model file new thresholds, calibration and context stage from one's own validation slides; its graph stays."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_runtime.contract import CONTRACT_VERSION, Contract
from edge_runtime.errors import BadInput
from edge_runtime.model_file import ModelFile, flatbuffer_of, open_model, verify
from train.evidence import logits_of, split_of
from train.normalize import learn_normalization
from train.recipe_parts import ContextKernel
from train.tiles import TileSet

from .contracts import refuse_torn_patients, require_format
from .gates import contract_fields, gates_at, learned_from
from .golden import context_vectors
from .pack import reference_file, shipped_file, write_model
from .steps import hold_against
from .thresholds import Wanted, decided, wanted_of


@dataclass(frozen=True)
class Recalibration:
    """What a person asks for."""

    model: Path
    """The int8 model file."""
    reference: Path
    """Its float parent."""
    index: Path
    """An index with validation patients, and a split to hold the two against each other on."""
    split: str
    """That split."""
    out: Path
    """The model file to write."""
    reference_out: Path | None
    """The float parent with its own new contract; None: not written."""
    version: str
    """Of the new model."""
    neighbours: ContextKernel | None
    """What they weigh in the context stage; None: as in the model."""
    sensitivity: float
    """Of the second operating point, 0..1."""
    stain_strength: float | None = None
    """Of a stain normalization learned from the training slides of the index, 0..1; None: as in the model."""


def recalibrate(job: Recalibration) -> dict[str, Any]:
    """Write the model with what its own validation logits give, and return the parity report with where it lies."""
    pair = [open_model(path) for path in (job.model, job.reference)]
    _refuse(job, pair[0].contract)
    wanted = _wanted(job, pair[0].contract)
    val, data = split_of(job.index, "val"), split_of(job.index, job.split)
    stain = _stain(job, pair[0].contract)
    changed = [_changed(model, val, wanted, job.version, stain) for model in pair]
    int8, parent = (
        verify(reference_file(flatbuffer_of(model), contract), model.name)
        for model, contract in zip(pair, changed, strict=True)
    )
    report = hold_against(int8, parent, data, job.split)
    golden = dataclasses.replace(pair[0].golden, context=context_vectors(int8.contract.context))
    packed = write_model(job.out, shipped_file(flatbuffer_of(int8), int8.contract, report, golden))
    if job.reference_out is not None:
        write_model(job.reference_out, parent.content)
    return report | {"model": str(job.out), "sha256": packed.sha256, "version": job.version}


def _refuse(job: Recalibration, contract: Contract) -> None:
    """Raise BadInput for what would only show after minutes."""
    refuse_torn_patients(contract.training["data"], str(job.model))
    if job.version == contract.version:
        raise BadInput(
            f"expected a version other than that of {job.model} ({contract.version}): a model with other thresholds is "
            "another model; give a new --version"
        )
    for path in filter(None, (job.out, job.reference_out)):
        if path.suffix != ".tflite":
            raise BadInput(f"expected a model file's name to end in .tflite, found {path.name}; runtimes go by it")


def _wanted(job: Recalibration, contract: Contract) -> Wanted:
    """Return what is asked for; the model's own context stage where nothing is said of it."""
    if job.neighbours is not None:
        return wanted_of(job.neighbours, job.sensitivity)
    if contract.context is None:
        return Wanted(sensitivity=job.sensitivity)
    return Wanted(contract.context.kernel, contract.context.chosen_by, job.sensitivity)


def _stain(job: Recalibration, contract: Contract) -> dict[str, Any]:
    """Return what the training slides say of stain, where it is asked for or not in the contract yet."""
    known: dict[str, Any] = {
        "stain_normalization": contract.stain_normalization,
        "stain_profile": contract.stain_profile,
        "stain_gate": contract.stain_gate,
    }
    if job.stain_strength is None and contract.stain_profile is not None:
        return known
    train = split_of(job.index, "train")
    known |= learned_from(train)
    if job.stain_strength is not None:
        known["stain_normalization"] = learn_normalization(train, job.stain_strength)
    return known


def _changed(model: ModelFile, val: TileSet, wanted: Wanted, version: str, stain: Mapping[str, Any]) -> Contract:
    """Return the contract that a graph's logits on validation tiles give."""
    require_format(model.contract, val)
    base = dataclasses.replace(
        model.contract,
        version=version,
        contract_version=CONTRACT_VERSION,
        training=_provenance(model.contract, val),
        **{**contract_fields(gates_at(model.contract.um_per_px)), **stain},
    )
    return decided(base, val, logits_of(model, val), wanted)


def _provenance(contract: Contract, val: TileSet) -> Mapping[str, Any]:
    """Return where the graph comes from, with the slides that now speak for thresholds and calibration."""
    said = {"val_tiles": len(val), "val_patients": len(set(val.patients.tolist()))}
    return {
        **contract.training,
        "data": {**contract.training["data"], **said},
        "recalibrated": {"from_version": contract.version, "val_sha256": val.digest(), **said},
    }
