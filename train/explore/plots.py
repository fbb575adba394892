"""Draw a data set: its sides, classes, patients, sizes and colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..report.blocks import Plot
from ..report.plots import CLASS_COLOURS, GREY, RED, SPLIT_COLOURS, draw, stacked_bars
from ..report.words import count, percent
from .collection import Patient
from .twins import NEAR, Pair

_BALANCE = "stain balance (0 eosin, 1 haematoxylin)"


def status_plot(statuses: Counter[str]) -> Plot:
    """Return how many files have each status."""

    def paint(axes: Any) -> None:
        names, numbers = zip(*statuses.most_common(), strict=True)
        axes.barh(names, numbers, color=[SPLIT_COLOURS["train"] if name == "ok" else GREY for name in names])
        for row, files in enumerate(numbers):
            axes.annotate(count(files), (files, row), (4, 0), textcoords="offset points", va="center", fontsize=9)
        axes.invert_yaxis()
        axes.set(xscale="symlog", xlabel="files (logarithmic)", xlim=(0, max(numbers) * 8))
        axes.grid(False, axis="y")

    caption = "Files by status. Only ok is trained and judged on; every other file is listed in the index."
    return draw(paint, caption, height_in=1.1 + 0.32 * len(statuses), name="Files by status")


def class_plot(numbers: Mapping[str, tuple[int, int]], names: tuple[str, str]) -> Plot:
    """Return the classes of each side; `numbers` are (negatives, positives) by side."""

    def paint(axes: Any) -> None:
        sides = list(numbers)
        parts = {name: [float(numbers[side][label]) for side in sides] for label, name in enumerate(names)}
        stacked_bars(axes, sides, parts, dict(zip(names, CLASS_COLOURS, strict=True)))
        for row, side in enumerate(sides):
            total = sum(numbers[side])
            words = f"{percent(numbers[side][1] / total)} {names[1]}"
            axes.annotate(words, (total, row), (4, 0), textcoords="offset points", va="center", fontsize=9)
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.set(xlabel="tiles", xlim=(0, 1.28 * max(sum(pair) for pair in numbers.values())))
        axes.legend(loc="lower right")

    return draw(paint, "Classes by side of the split.", height_in=2.6, name="Classes by split")


def patient_plots(patients: Sequence[Patient], positive: str) -> list[Plot]:
    """Return tiles per patient, and the share of positives per patient, by side."""
    most = max(patient.tiles for patient in patients)

    def tiles(axes: Any) -> None:
        bins = np.geomspace(1, most + 1, 25)
        for side, chosen in _by_side(patients).items():
            axes.hist([p.tiles for p in chosen], bins, histtype="step", lw=2, color=SPLIT_COLOURS[side], label=side)
        axes.set(xscale="log", xlabel="tiles of a slide (logarithmic)", ylabel="slides")
        axes.legend()

    def shares(axes: Any) -> None:
        bins = np.linspace(0, 1, 21)
        for side, chosen in _by_side(patients).items():
            values = [p.positives / p.tiles for p in chosen]
            weights = np.full(len(values), 1 / len(values))
            axes.hist(values, bins, weights=weights, histtype="step", lw=2, color=SPLIT_COLOURS[side], label=side)
        axes.set(xlabel=f"share of {positive} among a slide's tiles", ylabel="share of the side's slides", xlim=(0, 1))
        axes.legend()

    return [
        draw(tiles, "Tiles per slide: large slides would rule an unweighted training.", name="Tiles per slide"),
        draw(shares, f"Share of {positive} per slide. Sides whose slides differ here differ in precision, too."),
    ]


def colour_plots(
    density: Mapping[str, NDArray[np.float32]], balance: Mapping[str, NDArray[np.float32]], patients: Sequence[Patient]
) -> list[Plot]:
    """Return density and stain balance of tiles by side, and of slides."""
    top = max(float(np.quantile(values, 0.999)) for values in density.values())

    def slides(axes: Any) -> None:
        for side, chosen in _by_side(patients).items():
            places = [p.balance for p in chosen], [p.density for p in chosen]
            axes.plot(*places, "o", color=SPLIT_COLOURS[side], markersize=4.5, alpha=0.65, label=side)
        axes.set(xlabel=_BALANCE, ylabel="optical density (mean of R, G, B)")
        axes.legend()

    return [
        _spread(density, np.linspace(0, top, 50), "mean optical density of a tile (base e)", "How dark the tiles are."),
        _spread(
            balance,
            np.linspace(-0.1, 1.4, 50),
            _BALANCE,
            "Stain balance of the tiles, by the share of red in their density: 0 is eosin by itself, 1 haematoxylin "
            "(Ruifrok & Johnston's vectors; slides stained otherwise may lie beyond).",
        ),
        draw(slides, "Every slide, at the medians of its tiles. Sides should overlap; a lone dot is another stain."),
    ]


def _spread(values: Mapping[str, NDArray[np.float32]], bins: NDArray[np.float64], word: str, caption: str) -> Plot:
    def paint(axes: Any) -> None:
        for side, chosen in values.items():
            weights = np.full(len(chosen), 1 / len(chosen))
            axes.hist(chosen, bins, weights=weights, histtype="step", lw=2, color=SPLIT_COLOURS[side], label=side)
        axes.set(xlabel=word, ylabel="share of the side's tiles", xlim=(bins[0], bins[-1]))
        axes.legend()

    return draw(paint, caption)


def size_plot(sizes: Counter[tuple[int, int]], whole: int) -> Plot:
    """Return the sizes (height, width) of pictures that are not whole."""

    def paint(axes: Any) -> None:
        places = np.array(list(sizes), float)
        areas = 12 + 6 * np.sqrt(list(sizes.values()))
        axes.scatter(places[:, 1], places[:, 0], s=areas, color=RED, alpha=0.55, linewidths=0, label="edge pictures")
        axes.plot(whole, whole, "s", color=SPLIT_COLOURS["train"], label=f"a whole one, {whole}x{whole}")
        axes.set(xlabel="width, px", ylabel="height, px", xlim=(0, whole * 1.06), ylim=(0, whole * 1.06))
        axes.set_aspect("equal", adjustable="box")
        axes.legend(loc="lower left")

    return draw(paint, "Sizes of edge pictures; a larger dot is a commoner size.", name="Sizes of edge pictures")


def twin_plot(pairs: Sequence[Pair]) -> Plot:
    """Return how alike the nearest tiles of two sides are."""
    by_sides: dict[str, list[float]] = {}
    for pair in pairs:
        by_sides.setdefault(f"{pair.sides[0]} in {pair.sides[1]}", []).append(pair.correlation)

    def paint(axes: Any) -> None:
        for words, values in by_sides.items():
            axes.hist(values, np.linspace(-0.2, 1, 61), histtype="step", lw=2, label=words)
        axes.axvline(NEAR, color=GREY, linestyle="--", lw=1.2, label=f"near-duplicates, from {NEAR:g}")
        axes.set(
            xlabel="correlation of fine detail with the nearest tile", ylabel="tiles", xlim=(-0.2, 1), yscale="log"
        )
        axes.legend(loc="upper right")

    return draw(paint, "How alike a tile and its nearest on another side are.", name="Similarity across the split")


def _by_side(patients: Sequence[Patient]) -> dict[str, list[Patient]]:
    sides: dict[str, list[Patient]] = {}
    for patient in patients:
        sides.setdefault(patient.side, []).append(patient)
    return sides
