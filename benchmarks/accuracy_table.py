"""The accuracy record as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .in_context_table import context_tables
from .markdown import table, with_interval

_FIGURES = ("auc", "balanced_accuracy", "f1", "sensitivity", "specificity", "ece")
_BRACKETED = frozenset(_FIGURES) - {"ece"}
"""A draw repeats slides, which makes its ECE larger than that of all of them: such an interval would mislead."""
_ROLES = {
    "test": "which took no part in training, by the split given",
    "val": "ON WHICH THRESHOLDS AND CALIBRATION WERE CHOSEN",
    "train": "WHICH THE MODELS WERE TRAINED ON",
}
_WORDS = ("AUC", "balanced accuracy", "F1", "sensitivity", "specificity", "ECE")


def accuracy_markdown(record: dict[str, Any]) -> str:
    """Return the tables of a record, with what they were measured on above them."""
    parts = [_scores(record), _about(record), *context_tables(record.get("context"))]
    parts += [_differences(record), _gates(record), _published(record)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _scores(record: dict[str, Any]) -> str:
    header = ("model", *_WORDS, "agrees with its float", "MMAC", "file, kB")
    return table(header, (_score(row) for row in record["models"]))


def _score(row: dict[str, Any]) -> Sequence[object]:
    macs, agreement = row["multiply_accumulates"], row["agreement_with_parent"]
    scores = [(figure, row["scores"][figure]) for figure in _FIGURES]
    return (
        row["model"],
        *(with_interval(value, row["intervals"][f] if f in _BRACKETED else None) for f, value in scores),
        "" if agreement is None else f"{agreement:.2%}",
        "unknown" if macs is None else f"{macs / 1e6:.1f}",
        f"{row['bytes'] / 1e3:.0f}",
    )


def _about(record: dict[str, Any]) -> str:
    bootstrap = record["bootstrap"]
    points = ", ".join(dict.fromkeys(f"`{row['operating_point']}`" for row in record["models"]))
    return (
        f"{record['tiles']:,} tiles ({record['positives']:,} with IDC) of {record['patients']} slides, "
        f"{_ROLES.get(record['split'], '')} (split `{record['split']}`). Tile by tile, gates off, each model at its "
        f"own threshold ({points}), chosen on validation slides. In brackets: {bootstrap['level']:.0%} intervals from "
        f"{bootstrap['resamples']:,} draws of {bootstrap['groups']} slides with replacement, seed {bootstrap['seed']}. "
        f"Measured {record['measured_at']} with cancernet-edge {record['board']['cancernet_edge']}."
    )


def _differences(record: dict[str, Any]) -> str:
    header = ("difference on the same slides", "AUC", "balanced accuracy", "F1")
    rows = (
        (
            f"{row['model']} − {row['minus']}",
            *(with_interval(value, row["intervals"][figure], "+") for figure, value in row["difference"].items()),
        )
        for row in record["differences"]
    )
    return table(header, rows)


def _gates(record: dict[str, Any]) -> str:
    first = record["models"][0]["gates_on"]["refused_share"]
    header = ("gates on", *(f"refused, {label}" for label in first), "tiles judged", "balanced accuracy of the rest")
    return table(header, (_gate(row["model"], row["gates_on"]) for row in record["models"]))


def _gate(model: str, gates: dict[str, Any]) -> Sequence[object]:
    rest = gates["balanced_accuracy"]
    shares = (f"{share:.2%}" for share in gates["refused_share"].values())
    return model, *shares, f"{gates['tiles_judged']:,}", "one class only" if rest is None else f"{rest:.3f}"


def _published(record: dict[str, Any]) -> str:
    header = ("published, split by patient", "split", "balanced accuracy", "F1")
    rows = ((r["source"], r["split"], f"{r['balanced_accuracy']:.4f}", f"{r['f1']:.4f}") for r in record["published"])
    return table(header, rows) + "\n\n" + record["published_note"]
