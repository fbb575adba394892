"""Give a model file the gates as they are now; its graph, thresholds and calibration stay."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path
from typing import Any

from edge_runtime.contract import CONTRACT_VERSION
from edge_runtime.model_file import PARITY, flatbuffer_of, open_model
from train.evidence import split_of

from .contracts import require_format
from .gates import contract_fields, gates_at, learned_from
from .pack import reference_file, shipped_file, write_model


def add_regate_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add regate to the commands."""
    again = commands.add_parser("regate", help="the same model with the gates as they are now, of its training tiles")
    again.add_argument("model", metavar="MODEL", help="a model file, int8 or float, or a shipped model's name")
    again.add_argument("--index", type=Path, default=Path("runs/index.csv"), help="default: runs/index.csv")
    again.add_argument("--out", type=Path, required=True, metavar="FILE", help="the model file to write")
    again.add_argument("--version", help="of the new model (default: that of the old one)")
    again.set_defaults(run=_regate)


def regate(model: Path, index: Path, out: Path, version: str | None = None) -> dict[str, Any]:
    """Write a model with today's gates; what they learn of stain is the train tiles' of the index."""
    opened, train = open_model(model), split_of(index, "train")
    require_format(opened.contract, train)
    fields = contract_fields(gates_at(opened.contract.um_per_px)) | learned_from(train)
    contract = dataclasses.replace(
        opened.contract, version=version or opened.contract.version, contract_version=CONTRACT_VERSION, **fields
    )
    if contract.graph_dtype == "int8":
        content = shipped_file(
            flatbuffer_of(opened), contract, json.loads(opened.part(PARITY)), opened.golden
        )  # what parity said of the graphs holds on
    else:
        content = reference_file(flatbuffer_of(opened), contract)
    written = write_model(out, content)
    gates = sorted(name for name, value in fields.items() if name.endswith("_gate") and value is not None)
    return {"model": str(out), "sha256": written.sha256, "version": contract.version, "gates": gates}


def _regate(args: argparse.Namespace) -> int:
    from edge_runtime.model_file import find_model

    print(json.dumps(regate(find_model(args.model), args.index, args.out, args.version)))
    return 0
