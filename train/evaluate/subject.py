"""What is evaluated: something that gives logits, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.context import Kernel
from edge_runtime.contract import Contract
from edge_runtime.errors import BadInput

from ..formats import DataFormat
from ..tiles import TileSet
from .run_records import Histories

MODEL_FILE, RUN = "model file", "run"


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


def refuse_other_data(subject: Subject, data: TileSet) -> None:
    """Raise BadInput where tiles have other labels or another scale than what the subject learned."""
    if data.format != subject.format.name:
        raise BadInput(
            f"{subject.where}: expected tiles of the format {subject.format.name} ({', '.join(subject.format.labels)} "
            f"at {subject.format.um_per_px:.3g} µm per px), found an index of {data.format}; give its own --index"
        )


def versions_words(versions: Mapping[str, str]) -> str:
    """Return versions in words."""
    return ", ".join(f"{package} {version}" for package, version in versions.items()) or "not recorded"
