"""The steps behind the command line: convert a run, hold it against its parent, pack it."""

from __future__ import annotations

import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.atomic import write_bytes
from edge_runtime.errors import BadInput
from edge_runtime.model_file import ModelFile, flatbuffer_of, open_model, verify
from train.decide import UNDECIDED, WANTED_SENSITIVITY
from train.evidence import logits_of, split_of
from train.normalize import normalized
from train.recipe import TILE_PX
from train.recipe_parts import PTQ, QAT
from train.run_folder import Run, read_run
from train.tiles import TileSet

from .contracts import contract_of, refuse_torn_patients, require_format
from .gates import learned_from
from .graph import require_int8
from .pack import reference_file, shipped_file, write_model
from .parity import Side, compare
from .parity_context import Said, context_report
from .run_files import FLOAT, INT8, PARITY
from .thresholds import decided, wanted_of


def convert_run(
    run: Run, index: Path, method: str | None, version: str, sensitivity: float = WANTED_SENSITIVITY
) -> dict[str, Any]:
    """Write a run's int8 and float graphs, each with the contract that its own validation logits give.

    `method` is qat or ptq; None: as the run was left, fine-tuned or not. `sensitivity`, 0..1, is that of the second
    operating point.
    """
    refuse_torn_patients(run.result["data"], str(run.folder))
    method, wanted = _method(run, method), wanted_of(run.recipe.context, sensitivity)
    from train.ranges import calibration_tiles

    from .convert import to_float, to_int8
    from .keras_run import float_network, tuned_network

    val, train = split_of(index, "val"), split_of(index, "train")  # bad input shows before the slow part
    require_format(contract_of(run, UNDECIDED, version, "float32", "none"), val)
    parent = float_network(run)
    int8 = (
        to_int8(tuned_network(run))
        if method == QAT
        else to_int8(parent, calibration_tiles(normalized(train, run.stain_normalization).tiles))
    )
    operators = require_int8(int8, TILE_PX).operators
    stain = learned_from(train)
    for name, flatbuffer, dtype, how in ((INT8, int8, "int8", method), (FLOAT, to_float(parent), "float32", "none")):
        contract = contract_of(run, UNDECIDED, version, dtype, how)
        logits = logits_of(verify(reference_file(flatbuffer, contract), name), val)
        contract = dataclasses.replace(decided(contract, val, logits, wanted), **stain)
        write_bytes(run.folder / name, reference_file(flatbuffer, contract))
    (run.folder / PARITY).unlink(missing_ok=True)  # it spoke of the graphs that were just replaced
    return {"run": str(run.folder), "method": method, "int8_bytes": len(int8), "operators": len(operators)}


def _method(run: Run, wanted: str | None) -> str:
    if wanted == QAT and run.quantization != QAT:
        raise BadInput(
            f"expected a fine-tuned run for --method {QAT}, found {run.folder}, whose fit went without; give {PTQ}"
        )
    method = wanted or run.quantization
    if method == PTQ:
        logging.getLogger(__name__).info("calibrated after training (%s): ranges from tiles of training patients", PTQ)
    return method


def parity_of_run(folder: Path, index: Path, split: str) -> dict[str, Any]:
    """Hold a converted run's int8 graph against its parent, and against the graph that was fine-tuned."""
    int8, data = open_model(folder / INT8), split_of(index, split)
    fake = None
    if int8.contract.training["quantization"] == QAT:
        from train.feed import logits_of as keras_logits

        from .keras_run import tuned_network

        fake = keras_logits(tuned_network(read_run(folder)), normalized(data, int8.contract.stain_normalization).tiles)
    return hold_against(int8, open_model(folder / FLOAT), data, split, fake)


def parity_of_files(model: Path, reference: Path, index: Path, split: str) -> dict[str, Any]:
    """Hold a model file against its float parent's; needs no TensorFlow."""
    return hold_against(open_model(model), open_model(reference), split_of(index, split), split)


def hold_against(
    int8: ModelFile, parent: ModelFile, data: TileSet, split: str, fake: NDArray[np.float32] | None = None
) -> dict[str, Any]:
    """Return the parity report of two open models on the tiles of a split."""
    if (int8.contract.graph_dtype, parent.contract.graph_dtype) != ("int8", "float32"):
        raise BadInput(
            f"expected an int8 model and a float32 reference, found {int8.contract.graph_dtype} ({int8.name}) "
            f"and {parent.contract.graph_dtype} ({parent.name})"
        )
    require_format(int8.contract, data)
    require_int8(flatbuffer_of(int8), int8.contract.tile_px)
    sides = [Side(Path(m.name).name, logits_of(m, data), m.contract.tile) for m in (int8, parent)]
    said = [Said(m.contract, side.logits) for m, side in zip((int8, parent), sides, strict=True)]
    paths = tuple(Path(path).name for path in data.paths)
    return {
        "split": split,
        "patients": len(set(data.patients)),
        **compare(sides[0], sides[1], data.labels, paths, fake),
        "context": context_report(said[0], said[1], data),
    }


def pack_run(folder: Path, out: Path, reference: Path | None) -> dict[str, Any]:
    """Write the one model file of a converted run whose parity was judged, and its float parent."""
    int8, parent = open_model(folder / INT8), open_model(folder / FLOAT)
    refuse_torn_patients(int8.contract.training["data"], str(folder))
    try:
        parity = json.loads((folder / PARITY).read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise BadInput(f"expected a parity report in {folder}; make one: python -m quantize parity {folder}") from error
    packed = write_model(out, shipped_file(flatbuffer_of(int8), int8.contract, parity))
    if reference is not None:
        write_model(reference, parent.content)
    return {"model": str(out), "sha256": packed.sha256, "bytes": len(packed.content), "parity_passed": parity["passed"]}
