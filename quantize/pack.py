"""Make the model files of a run: int8 with contract, golden vectors, parity and card inside, and its float parent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge_runtime.atomic import write_bytes
from edge_runtime.contract import Contract
from edge_runtime.errors import BadInput
from edge_runtime.golden import Golden, golden_bytes
from edge_runtime.model_file import CARD, CONTRACT, GOLDEN, PARITY, ModelFile, seal, verify
from edge_runtime.network import Network
from edge_runtime.selftest import require_selftest

from .card import model_card
from .golden import golden_vectors
from .graph import require_int8


def reference_file(flatbuffer: bytes, contract: Contract) -> bytes:
    """Return the bytes of a model file that holds a graph and its contract alone, as parity needs them."""
    return seal(flatbuffer, {CONTRACT: contract.to_json().encode()})


def shipped_file(flatbuffer: bytes, contract: Contract, parity: dict[str, Any], golden: Golden | None = None) -> bytes:
    """Return the bytes of the one model file, checked as a device would check it; `golden` None: made anew."""
    require_int8(flatbuffer, contract.tile_px)
    bare = verify(reference_file(flatbuffer, contract), contract.name)
    parts = {
        CONTRACT: contract.to_json().encode(),
        GOLDEN: golden_bytes(golden or golden_vectors(bare)),
        PARITY: (json.dumps(parity, indent=2) + "\n").encode(),
        CARD: model_card(contract, parity).encode(),
    }
    content = seal(flatbuffer, parts)
    model = verify(content, contract.name)
    for runtime in ("litert", "litert-builtin"):
        require_selftest(model, Network(model, runtime))
    return content


def write_model(path: Path, content: bytes) -> ModelFile:
    """Write a model file whole or not at all, and return it as read back."""
    if path.suffix != ".tflite":
        raise BadInput(f"expected a model file's name to end in .tflite, found {path.name}; runtimes go by it")
    write_bytes(path, content)
    return verify(path.read_bytes(), str(path))
