"""Write the contract of a trained network: the one place where its scale, labels and gates are stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from edge_runtime.contract import Contract, Mode
from edge_runtime.errors import BadInput
from train.formats import IDC, DataFormat, format_named
from train.patch_index import BY_TILE
from train.recipe import TILE_PX
from train.run_folder import Run
from train.tiles import TileSet

from .gates import contract_fields, gates_at


def data_format(data: Mapping[str, Any]) -> DataFormat:
    """Return the format of the data that a run or a contract records; those of before formats were IDC patches."""
    return format_named(data.get("format", IDC.name))


def refuse_torn_patients(data: Mapping[str, Any], where: str) -> None:
    """Raise BadInput for a network that was trained on a split that tears patients apart: its figures mean nothing."""
    if data.get("split_by") == BY_TILE:
        raise BadInput(
            f"expected a network trained on a split by patient, found {where}, trained with --split-by tile: what was "
            "held out shows patients that it was trained on; index by patient and train again"
        )


def require_format(contract: Contract, data: TileSet) -> None:
    """Raise BadInput where tiles are of another kind than those that a model was made for."""
    kind = format_named(data.format)
    if (contract.labels, contract.um_per_px) != (kind.labels, kind.um_per_px):
        raise BadInput(
            f"expected tiles of {' and '.join(contract.labels)} at {contract.um_per_px:g} µm per px for this model, "
            f"found {' and '.join(kind.labels)} at {kind.um_per_px:g}; give the index of the data it was trained on"
        )


def contract_of(run: Run, mode: Mode, version: str, graph_dtype: str, method: str) -> Contract:
    """Return the contract of one graph of a run, with the thresholds and calibration chosen for it."""
    result, kind = run.result, data_format(run.result["data"])
    return Contract(
        name=run.recipe.network,
        version=version,
        task=kind.task,
        tile_px=TILE_PX,
        um_per_px=kind.um_per_px,
        labels=kind.labels,
        tile=mode,
        stain_normalization=run.stain_normalization,
        graph_dtype=graph_dtype,
        **contract_fields(gates_at(kind.um_per_px)),
        training={
            "recipe": asdict(run.recipe),
            "quantization": method,
            "chosen": result["chosen"],
            "val_auc": {name: record["val_auc"] for name, record in result["candidates"].items()},
            "data": result["data"],
            "multiply_accumulates": result["multiply_accumulates"],
            "parameters": result["parameters"],
            "versions": result["versions"],
            **{origin: result[origin] for origin in ("weights", "teachers") if origin in result},
        },
    )
