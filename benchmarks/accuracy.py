"""Compose the accuracy record: models and their float parents on the tiles of patients kept aside."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge_runtime import metrics
from edge_runtime.contract import Contract
from edge_runtime.gates import gates_of, look
from edge_runtime.model_file import ModelFile
from quantize.parity import Side, score
from train.bootstrap import Counts, Resampling, count, draws, figures, interval
from train.evidence import logits_of
from train.tiles import TileSet

from .board import describe_board
from .contenders import Contender, pairs, parent_of
from .in_context import context_json
from .labelled import Labelled
from .published import NOTE, published_json

_CHUNK = 1024
COMPARED = ("auc", "balanced_accuracy", "f1")
Logits = Callable[[ModelFile, TileSet, str, int], NDArray[np.float32]]
"""(model, tiles, runtime, threads) -> float32 (n,)."""


@dataclass(frozen=True)
class Scored:
    """One model and what it said."""

    contender: Contender
    """Whose contract made decisions and probabilities."""
    side: Side
    """Its logits."""
    counts: Counts
    """By slide."""

    @property
    def is_int8(self) -> bool:
        """Whether it is a model that ships."""
        return self.contender.is_int8


def measure_accuracy(
    contenders: Sequence[Contender],
    data: Labelled,
    resampling: Resampling,
    runtime: str,
    threads: int,
    measured_at: str,
    logits: Logits = logits_of,
) -> dict[str, Any]:
    """Return the record: every model tile by tile with gates off, at its own threshold; the gates stand beside.

    Int8 models are scored in context too, as far as they have that mode.
    """
    bar = tqdm(contenders, desc="scoring", unit="model", disable=not sys.stderr.isatty())
    scored = [_score(contender, data, logits(contender.model, data.tiles, runtime, threads)) for contender in bar]
    weights = draws(int(data.slides.max()) + 1, resampling)
    resampled = {one.contender.label: figures(one.counts, weights) for one in scored}
    labels = data.tiles.labels
    said = {one.contender.label: (one.contender.model.contract, one.side.logits) for one in scored if one.is_int8}
    return {
        "benchmark": "accuracy",
        "schema_version": 1,
        "measured_at": measured_at,
        "board": describe_board(),
        "split": data.split,
        "tiles": len(labels),
        "positives": int(labels.sum()),
        "patients": len(set(data.tiles.patients.tolist())),
        "data_sha256": data.tiles.digest(),
        "splits_sha256": data.splits_sha256,
        "interpreter": runtime,
        "bootstrap": {"of": "slides", "groups": weights.shape[1], **asdict(resampling), "level": 0.95},
        "models": [_model_json(one, scored, data, resampled[one.contender.label]) for one in scored],
        "differences": _differences(scored, data, resampled),
        "context": context_json(said, data.tiles, data.slides, data.dense, resampling),
        "published": published_json(),
        "published_note": NOTE,
    }


def _score(contender: Contender, data: Labelled, logits: NDArray[np.float32]) -> Scored:
    side = Side(contender.label, logits, contender.model.contract.tile)
    counts = count(data.tiles.labels, logits, side.decisions(), side.probabilities(), data.slides)
    return Scored(contender, side, counts)


def _model_json(
    one: Scored, scored: Sequence[Scored], data: Labelled, resampled: dict[str, NDArray[np.float64]]
) -> dict[str, Any]:
    name, point = one.contender.model.contract.operating_point()
    parent = parent_of(one.contender, [other.contender for other in scored])
    parents = [other.side for other in scored if parent and other.contender.label == parent.label]
    return {
        **one.contender.describe(),
        "operating_point": name,
        "threshold_logit": point.threshold_logit,
        "scores": asdict(score(one.side, data.tiles.labels)),
        "intervals": {figure: interval(values) for figure, values in resampled.items()},
        "agreement_with_parent": metrics.agreement(one.side.decisions(), parents[0].decisions()) if parents else None,
        "gates_on": _gates_on(one, data),
    }


def _gates_on(one: Scored, data: Labelled) -> dict[str, Any]:
    """Return the share of each class that the gates refuse, and the balanced accuracy of the rest."""
    contract, truth = one.contender.model.contract, data.tiles.labels.astype(bool)
    refused = refused_tiles(data.tiles.tiles, contract)
    kept = ~refused
    both = truth[kept].any() and not truth[kept].all()
    return {
        "refused_share": {
            contract.labels[0]: float(refused[~truth].mean()),
            contract.labels[1]: float(refused[truth].mean()),
        },
        "tiles_judged": int(kept.sum()),
        "balanced_accuracy": metrics.balanced_accuracy(truth[kept], one.side.decisions()[kept]) if both else None,
    }


def refused_tiles(tiles: NDArray[np.uint8], contract: Contract) -> NDArray[np.bool_]:
    """Return bool (n,): which of uint8 tiles (n, h, w, 3) the gates refuse; in parts: densities are 4 bytes a pixel."""
    gates, parts = gates_of(contract), range(0, len(tiles), _CHUNK)
    reasons = np.concatenate([look(tiles[n : n + _CHUNK], gates).reasons for n in parts])
    return np.asarray(reasons != None)  # noqa: E711  an object array is compared element by element


def _differences(
    scored: Sequence[Scored], data: Labelled, resampled: dict[str, dict[str, NDArray[np.float64]]]
) -> list[dict[str, Any]]:
    """Return what lies between two models on the same tiles; both see the same draws, so slides cancel out."""
    scores = {one.contender.label: asdict(score(one.side, data.tiles.labels)) for one in scored}
    return [
        {
            "model": one.label,
            "minus": other.label,
            "difference": {figure: scores[one.label][figure] - scores[other.label][figure] for figure in COMPARED},
            "intervals": {
                figure: interval(resampled[one.label][figure] - resampled[other.label][figure]) for figure in COMPARED
            },
        }
        for one, other in pairs([one.contender for one in scored])
    ]
