"""What stands behind `cancernet inspect` and `cancernet selftest`."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import zipfile
from io import BytesIO
from typing import Any

from .errors import EXIT_CHECK_FAILED, EXIT_DONE
from .model_file import CARD, PARITY, ModelFile, find_model, flatbuffer_of, open_model
from .network import Network
from .selftest import selftest


def describe(model: ModelFile) -> dict[str, Any]:
    """Return everything in a model file, as JSON holds it; the golden vectors by their number and spread."""
    with zipfile.ZipFile(BytesIO(model.content)) as archive:
        parts = {part.filename: part.file_size for part in archive.infolist()}
    found: dict[str, Any] = {
        "file": model.name,
        "bytes": len(model.content),
        "sha256": model.sha256,
        "file_sha256": hashlib.sha256(model.content).hexdigest(),
        "flatbuffer_bytes": len(flatbuffer_of(model)),
        "parts": parts,
        "contract": dataclasses.asdict(model.contract),
    }
    if model.contract.graph_dtype == "int8":
        golden = model.golden
        found["golden"] = {
            "vectors": len(golden.tiles),
            "tolerance_steps": golden.tolerance_steps,
            "outputs": {family: [int(v.min()), int(v.max())] for family, v in golden.outputs.items()},
        }
        found["parity"] = json.loads(model.part(PARITY))
        found["model_card"] = model.part(CARD).decode()
    return found


def inspect_job(args: argparse.Namespace) -> int:
    """Print everything in a model file."""
    print(json.dumps(describe(open_model(find_model(args.model))), indent=2, ensure_ascii=False))
    return EXIT_DONE


def selftest_job(args: argparse.Namespace) -> int:
    """Replay the golden vectors and print what was found; exit code 1 when one is off by more than is allowed."""
    model = open_model(find_model(args.model))
    found = selftest(model, Network(model, args.interpreter, args.threads))
    record = {"file": model.name, "sha256": model.sha256, **dataclasses.asdict(found), "passed": found.passed}
    print(json.dumps(record))
    return EXIT_DONE if found.passed else EXIT_CHECK_FAILED
