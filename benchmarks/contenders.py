"""Open the models that are measured: those that ship unless others are named, and the float parents that lie beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_runtime.errors import BadInput
from edge_runtime.model_file import SHIPPED, ModelFile, find_model, open_model

REFERENCES = Path(__file__).resolve().parents[1] / "quantize" / "reference"
_DTYPE_WORDS = {"int8": "int8", "float32": "float"}


@dataclass(frozen=True)
class Contender:
    """One model file under a name that no other has."""

    label: str
    """The network and its type, `lean int8`; the path too, where two are alike."""
    model: ModelFile
    """Verified, in memory."""

    @property
    def is_int8(self) -> bool:
        """Whether it is a model that ships, and not a float parent."""
        return self.model.contract.graph_dtype == "int8"

    def describe(self) -> dict[str, Any]:
        """Return what a record says of it."""
        contract = self.model.contract
        return {
            "model": self.label,
            "file": Path(self.model.name).name,
            "sha256": self.model.sha256,
            "bytes": len(self.model.content),
            "version": contract.version,
            "dtype": contract.graph_dtype,
            "multiply_accumulates": contract.training.get("multiply_accumulates"),
        }


def open_contenders(models: Sequence[str], references: Sequence[Path]) -> list[Contender]:
    """Open models and float parents, models first; nothing given stands for what ships."""
    opened = [_open(find_model(name), "int8", "--model") for name in models or SHIPPED]
    given = list(references) or [REFERENCES / f"{model.contract.name}.tflite" for model in opened]
    opened += [_open(path, "float32", "--reference") for path in dict.fromkeys(given) if references or path.exists()]
    names = [f"{m.contract.name} {_DTYPE_WORDS[m.contract.graph_dtype]}" for m in opened]
    by_file = [f"{name} ({Path(m.name).name})" for name, m in zip(names, opened, strict=True)]
    by_path = [f"{name} ({m.name})" for name, m in zip(names, opened, strict=True)]
    often = Counter(names) + Counter(by_file)
    ways = zip(names, by_file, by_path, strict=True)
    names = [next((way for way in each if often[way] == 1), each[-1]) for each in ways]
    return [Contender(name, model) for name, model in zip(names, opened, strict=True)]


def _open(path: Path, dtype: str, option: str) -> ModelFile:
    model = open_model(path)
    if model.contract.graph_dtype != dtype:
        raise BadInput(f"{path}: expected {option} to be a model of {dtype}, found {model.contract.graph_dtype}")
    return model


def parent_of(contender: Contender, contenders: Sequence[Contender]) -> Contender | None:
    """Return the float parent of an int8 model: the one float model of the same name."""
    found = [c for c in contenders if not c.is_int8 and c.model.contract.name == contender.model.contract.name]
    return found[0] if contender.is_int8 and len(found) == 1 else None


def pairs(contenders: Sequence[Contender]) -> list[tuple[Contender, Contender]]:
    """Return who is held against whom: each int8 model against the last int8 one, and against its float parent."""
    int8 = [contender for contender in contenders if contender.is_int8]
    rivals = [(contender, int8[-1]) for contender in int8[:-1]]
    return rivals + [(c, parent) for c in int8 if (parent := parent_of(c, contenders)) is not None]
