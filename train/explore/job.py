"""Look at the data of an index and write the report."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..leak_banner import leak_banner
from ..patch_index import BY_PATIENT, STRAY, summarize
from ..report.blocks import Page
from ..report.page import write_report
from . import doubts, galleries, sections
from .collection import Collection, Patient, collect, patients_of
from .twins import Pair, equal_across, near_counts, nearest_across

_LISTED_PATIENTS = 10_000
"""Where more are named, pictures stand for slides that are not known."""
_LISTED_PAIRS = 100
"""Closest pairs in the record."""


def explore_job(index: Path, cache: Path | None, out: Path) -> dict[str, Any]:
    """Write explore.html and .json; return what a machine wants to know at once."""
    collection = collect(index, cache)
    patients = patients_of(collection)
    equal = equal_across(collection.sides)
    pairs = nearest_across(collection.sides, collection.measures)
    record = _record(collection, patients, equal, pairs)
    html, figures = write_report(out, "explore", _page(collection, index, patients, equal, pairs), record)
    counts = {key: record[key] for key in ("files", "splits", "equal_across_sides", "near_duplicates")}
    return {"report": str(html), "json": str(figures)} | counts


def _page(
    collection: Collection,
    index: Path,
    patients: Sequence[Patient],
    equal: Sequence[Sequence[tuple[str, int]]],
    pairs: Sequence[Pair],
) -> Page:
    root = _root(collection)
    return Page(
        title=f"The data of {index.name}",
        subtitle=collection.format.task[0].upper() + collection.format.task[1:] + ".",
        banners=[] if collection.split_by == BY_PATIENT else [leak_banner(collection.split_by)],
        sections=[
            sections.structure(collection, root),
            sections.sides(collection, patients),
            sections.colours(collection, patients, galleries.stain_strips(patients)),
            doubts.twins(collection, equal, pairs),
            doubts.odd(collection),
            galleries.samples(collection),
            galleries.slides(collection),
        ],
        about=[
            ("index", str(index)),
            ("split by", collection.split_by),
            *((f"{side}, SHA-256", data.digest()) for side, data in collection.sides.items()),
            ("source", collection.format.source),
        ],
    )


def _root(collection: Collection) -> Path:
    return Path(os.path.commonpath([row.path for row in collection.rows if row.status != STRAY]))


def _record(
    collection: Collection,
    patients: Sequence[Patient],
    equal: Sequence[Sequence[tuple[str, int]]],
    pairs: Sequence[Pair],
) -> dict[str, Any]:
    def where(side: str, n: int) -> dict[str, Any]:
        return {"side": side, "path": collection.sides[side].paths[n]}

    return {
        "report": "explore",
        "schema_version": 1,
        **summarize(collection.rows),
        "statuses": dict(Counter(row.status for row in collection.rows)),
        "torn_groups": collection.torn(),
        "patients": [asdict(patient) for patient in patients] if len(patients) <= _LISTED_PATIENTS else [],
        "equal_across_sides": len(equal),
        "equal": [[where(side, n) for side, n in group] for group in equal],
        "near_duplicates": {
            f"{asking} in {asked}": {"tiles": looked, "near": found}
            for (asking, asked), (looked, found) in near_counts(pairs).items()
        },
        "closest": [
            {
                "correlation": round(pair.correlation, 4),
                "tiles": [where(side, n) for side, n in zip(pair.sides, pair.tiles, strict=True)],
            }
            for pair in pairs[:_LISTED_PAIRS]
        ],
    }
