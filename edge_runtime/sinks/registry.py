"""The table of sinks."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import cast

from edge_runtime.errors import BadInput
from edge_runtime.sinks import Sink

SINKS: dict[str, str] = {
    "jsonl": "edge_runtime.sinks.jsonl:open_sink",
    "overlay": "edge_runtime.sinks.overlay:open_sink",
}
"""Name -> "module:function", imported when chosen. The function takes (output folder, threshold or None)."""

SinkFactory = Callable[[Path, float | None], Sink]


def open_sink(name: str, folder: Path, threshold: float | None = None) -> Sink:
    """Open a sink that writes into `folder`; `threshold`: the probability from which a tile is called IDC, 0..1."""
    if name not in SINKS:
        raise BadInput(f"expected one of the sinks {', '.join(sorted(SINKS))}, found {name!r}; choose one of them")
    module, function = SINKS[name].split(":")
    return cast(SinkFactory, getattr(importlib.import_module(module), function))(folder, threshold)
