"""The table of sinks."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import TextIO, cast

from edge_runtime.contract import Contract
from edge_runtime.errors import BadInput
from edge_runtime.sinks import Sink

SINKS: dict[str, str] = {
    "jsonl": "edge_runtime.sinks.jsonl:open_sink",
    "overlay": "edge_runtime.sinks.overlay:open_sink",
}
"""Name -> "module:function", imported when chosen. The function takes (target, contract)."""

SinkFactory = Callable[[Path | TextIO, Contract], Sink]


def open_sink(name: str, target: Path | TextIO, contract: Contract) -> Sink:
    """Open a sink over a file, a folder or a text stream, as it needs; the contract is that of the model."""
    if name not in SINKS:
        raise BadInput(f"expected one of the sinks {', '.join(sorted(SINKS))}, found {name!r}; choose one of them")
    module, function = SINKS[name].split(":")
    return cast(SinkFactory, getattr(importlib.import_module(module), function))(target, contract)
