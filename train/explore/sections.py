"""The sections of a data set's report: figures, plots and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..patch_index import OK
from ..report.blocks import LEAK, Block, Fact, Facts, Note, Row, Section, Stack, Table
from ..report.words import count, number, percent
from .collection import Collection, Patient
from .plots import class_plot, colour_plots, patient_plots, status_plot

_LISTED = 10
"""Groups named."""


def structure(collection: Collection, root: Path) -> Section:
    """Return what lies in the archive, below its common folder `root`."""
    statuses = Counter(row.status for row in collection.rows)
    tiles = sum(len(data) for data in collection.sides.values())
    patients = {name for data in collection.sides.values() for name in data.patients.tolist()}
    positives = sum(int(data.labels.sum()) for data in collection.sides.values())
    facts = [
        Fact("Files", count(len(collection.rows))),
        Fact("Usable tiles", count(tiles), percent(tiles / len(collection.rows)) + " of the files"),
        Fact("Slides", count(len(patients))),
        Fact(collection.format.labels[1], percent(positives / tiles), f"{count(positives)} tiles"),
        Fact(
            "A tile",
            f"{collection.format.um_per_px * 50:.0f} µm",
            f"50 px at {collection.format.um_per_px:.3g} µm per px",
        ),
    ]
    listed = [
        (status, count(files), ", ".join(_some(collection, status, root)))
        for status, files in statuses.most_common()
        if status != OK
    ]
    blocks: list[Block] = [Facts(facts), Row([status_plot(statuses), _left_out(listed)])]
    return Section("Structure", blocks, f"Found below {root}.")


def _left_out(listed: Sequence[tuple[str, str, str]]) -> Block:
    if not listed:
        return Note("Every file is usable.")
    rows = [(f"{status}, {files}", some) for status, files, some in listed]
    return Table(("left out", "such as"), rows, "What is not used, and some of it by name.", words=2)


def _some(collection: Collection, status: str, root: Path) -> list[str]:
    paths = [Path(row.path) for row in collection.rows if row.status == status][:3]
    return [str(path.relative_to(root)) if path.is_relative_to(root) else str(path) for path in paths]


def sides(collection: Collection, patients: Sequence[Patient]) -> Section:
    """Return classes and slides by side."""
    numbers = {
        side: (int((data.labels == 0).sum()), int((data.labels == 1).sum())) for side, data in collection.sides.items()
    }
    names = collection.format.labels
    rows = [
        (
            side,
            count(len(set(collection.sides[side].patients.tolist()))),
            *(count(n) for n in numbers[side]),
            percent(numbers[side][1] / sum(numbers[side])),
            _one_class(patients, side),
        )
        for side in numbers
    ]
    table = Table(
        ("side", "slides", *names, "share", "one class"),
        rows,
        f"Tiles of each class, the share of {names[1]}, and how many slides hold one class alone.",
    )
    blocks: list[Block] = [Row([class_plot(numbers, names), table]), Row(patient_plots(patients, names[1]))]
    torn = collection.torn()
    if torn:
        some = ", ".join(torn[:_LISTED]) + (", ..." if len(torn) > _LISTED else "")
        blocks.insert(0, Note(f"{count(len(torn))} groups lie on more than one side: {some}", LEAK))
    return Section("Classes and slides", blocks, "Who lies on which side of the split, and how much of each class.")


def _one_class(patients: Sequence[Patient], side: str) -> str:
    return count(sum(p.side == side and p.positives in (0, p.tiles) for p in patients))


def colours(collection: Collection, patients: Sequence[Patient], strips: Stack) -> Section:
    """Return the spread of colour and stain; `strips` are the colours of the slides."""
    density = {side: measures.mean_density for side, measures in collection.measures.items()}
    balance = {side: measures.balance for side, measures in collection.measures.items()}
    rows = [
        (
            side,
            *(number(float(np.quantile(density[side], at)), 2) for at in (0.05, 0.5, 0.95)),
            *(number(float(np.quantile(balance[side], at)), 2) for at in (0.05, 0.5, 0.95)),
        )
        for side in density
    ]
    header = ("side", "density 5 %", "median", "95 %", "balance 5 %", "median", "95 %")
    blocks: list[Block] = [
        Row([*colour_plots(density, balance, patients), strips]),
        Table(header, rows, "Quantiles over tiles: mean optical density, and stain balance (0 eosin, 1 haematoxylin)."),
    ]
    return Section("Colour and stain", blocks, "Whether the sides were stained alike.")
