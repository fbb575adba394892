"""What context gains, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .markdown import table, with_interval

FIELD_WORDS = {"1x1": "tile by tile", "3x3": "fields of 3x3", "8x6": "fields of 8x6", "slide": "whole slides"}
_FIGURES = ("auc", "balanced_accuracy", "f1", "sensitivity", "specificity", "ece")
_BRACKETED = frozenset(_FIGURES) - {"ece"}
_WORDS = ("AUC", "balanced accuracy", "F1", "sensitivity", "specificity", "ECE")
_TILES_WORDS = {"all": "all slides", "dense": "slides with neighbours"}


def context_tables(found: dict[str, Any] | None) -> Sequence[str]:
    """Return the tables of a record's context part; nothing where it has none (an older record)."""
    if found is None or not found["rows"]:
        return ()
    return (_scores(found), _about(found), _gains(found), _sensitive(found))


def _scores(found: dict[str, Any]) -> str:
    rows = (
        (
            f"{row['model']}, {_TILES_WORDS[row['tiles']]}, {FIELD_WORDS[row['field']]}",
            *(_figure(row, figure) for figure in _FIGURES),
        )
        for row in found["rows"]
    )
    return table(("judged as", *_WORDS), rows)


def _figure(row: dict[str, Any], figure: str) -> str:
    bounds = row["intervals"][figure] if figure in _BRACKETED else None
    return with_interval(row["scores"][figure], bounds)


def _about(found: dict[str, Any]) -> str:
    every, dense = found["tiles"]["all"], found["tiles"].get("dense")
    words = (
        "Each in the mode that a device would use: tile by tile, or in context, where a tile is judged with those of "
        "its field (columns x rows of tiles) around it, at the thresholds and calibration of that mode. "
    )
    if dense is None:
        return (
            f"{words}No slide of these has neighbours of both classes ({found['dense_by']}), so context adds nothing."
        )
    return (
        f"{words}Slides with neighbours are {found['dense_by']}: {dense['tiles']:,} tiles ({dense['positives']:,} with "
        f"IDC) of {dense['patients']} slides; of the other {every['patients'] - dense['patients']} few tiles have any. "
        "Intervals as above, over the slides of each row."
    )


def _gains(found: dict[str, Any]) -> str:
    header = ("context, less tile by tile on the same tiles", "AUC", "balanced accuracy", "F1")
    rows = (
        (
            f"{row['model']}, {_TILES_WORDS[row['tiles']]}, {FIELD_WORDS[row['field']]}",
            *(with_interval(value, row["intervals"][figure], "+") for figure, value in row["gain"].items()),
        )
        for row in found["gains"]
    )
    return table(header, rows)


def _sensitive(found: dict[str, Any]) -> str:
    slides = ("worst slide", "slide at the lower tenth", "median slide")
    header = ("reached at the threshold of a wanted sensitivity", "sensitivity", "specificity", *slides)
    rows = (
        (
            f"{row['model']}, `{point['operating_point']}`, {_TILES_WORDS[row['tiles']]}, {FIELD_WORDS[row['field']]}",
            *(with_interval(point[key], point["intervals"][key]) for key in ("sensitivity", "specificity")),
            *(f"{point['sensitivity_of_slides'][key]:.3f}" for key in ("worst", "lower_tenth", "median")),
        )
        for row in found["rows"]
        for point in row["sensitive"]
    )
    return table(header, rows)
