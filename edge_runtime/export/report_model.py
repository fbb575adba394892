"""The model that judged a session, in short, as its report tells of it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from edge_runtime.contract import Contract, contract_from_json
from edge_runtime.errors import BadInput, BadModelFile
from edge_runtime.model_file import CARD, PARITY, ModelFile
from edge_runtime.session.reading import Session

from .report_words import DASH, count, length

Rows = list[tuple[str, str]]
"""(word, value)."""


@dataclass(frozen=True)
class KnownModel:
    """What a session still knows of its model."""

    contract: Contract | None
    """None where even that cannot be read."""
    parity: dict[str, Any]
    """Its figures on patients that it never saw; empty where they cannot be read."""
    card: str
    """Markdown; may be empty."""
    trouble: str | None = None
    """What is wrong with it."""


def known_model(session: Session) -> KnownModel:
    """Return what is known of the model; its contract lies beside the file, for when that is damaged."""
    try:
        model = session.model()
        parity = _part(model, PARITY)
        return KnownModel(model.contract, json.loads(parity) if parity else {}, _part(model, CARD))
    except (BadInput, ValueError) as error:
        trouble = f"The model in the session cannot be read: {error}"
    try:
        query = "SELECT contract, card FROM models WHERE sha256 = ?"
        row = session.connection.execute(query, (session.info.model_sha256,)).fetchone()
        return KnownModel(None if row is None else contract_from_json(row[0]), {}, row[1] if row else "", trouble)
    except (sqlite3.Error, BadInput, TypeError) as error:
        return KnownModel(None, {}, "", f"{trouble}; nor can its contract ({error})")


def _part(model: ModelFile, name: str) -> str:
    """Return a part of a model file as text; nothing where it has none."""
    try:
        return model.part(name).decode()
    except BadModelFile:
        return ""


@dataclass(frozen=True)
class ModelWords:
    """The model card in short."""

    rows: Rows
    figures: list[tuple[str, str, str, str, str, str]]
    """Words, tiles, AUC, balanced accuracy, sensitivity, specificity, on patients that it never saw."""
    limits: list[str]


def model_words(contract: Contract, parity: dict[str, Any], card: str) -> ModelWords:
    """Return a model in short: what it tells apart, what it was trained on, how well it did, where it ends."""
    data = contract.training.get("data", {})
    trained = DASH
    if "train_tiles" in data:
        trained = (
            f"{count(data['train_tiles'])} tiles of {count(data['train_patients'])} slides; thresholds and calibration "
            f"from {count(data['val_tiles'])} tiles of {count(data['val_patients'])} others"
        )
    tile = f"{length(contract.tile_um)} of tissue, {contract.tile_px} px at {contract.um_per_px:g} µm per px"
    rows = [
        ("Model", f"{contract.name} {contract.version}"),
        ("Tells apart", contract.task),
        ("Tile", tile),
        ("Trained on", trained),
    ]
    context = parity.get("context") or {}
    figures = [
        _figures("Tile by tile", parity.get("tiles"), parity.get("int8") or {}),
        _figures("Among neighbours", context.get("tiles"), context.get("int8") or {}),
    ]
    return ModelWords(rows, [row for row in figures if row is not None], limits_of(card))


def _figures(words: str, tiles: Any, found: dict[str, Any]) -> tuple[str, str, str, str, str, str] | None:
    names = ("auc", "balanced_accuracy", "sensitivity", "specificity")
    if not isinstance(tiles, int) or not all(isinstance(found.get(name), float) for name in names):
        return None
    auc, accuracy, sensitivity, specificity = (f"{found[name]:.3f}" for name in names)
    return words, count(tiles), auc, accuracy, sensitivity, specificity


def limits_of(card: str) -> list[str]:
    """Return the points below `## Limits` of a model card, Markdown."""
    _, _, rest = card.partition("\n## Limits\n")
    limits: list[str] = []
    for line in rest.splitlines():
        if line.startswith("#"):
            break
        if line.startswith("- "):
            limits.append(line[2:].strip())
        elif line.strip() and limits:
            limits[-1] += f" {line.strip()}"
    return [limit.replace("`", "") for limit in limits]
