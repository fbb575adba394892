"""Draw accuracy against cost: which of the int8 models no other beats in both."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_runtime.atomic import write_bytes
from edge_runtime.errors import BadInput

from .record import read_record


@dataclass(frozen=True)
class Point:
    """One model."""

    name: str
    """As both records call it."""
    auc: float
    """On the split of the accuracy record, tile by tile."""
    low: float
    """Lower end of its interval."""
    high: float
    """Upper end."""
    mmac: float
    """Million multiply-accumulates a tile."""
    microseconds: float
    """Median of one tile on one thread, on the machine of the latency record."""


def add_pareto_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add pareto to the benchmarks' commands."""
    pareto = commands.add_parser("pareto", help="draw accuracy against cost, from the records of both benchmarks")
    pareto.add_argument("accuracy", type=Path, metavar="ACCURACY_JSON", help="a record of `accuracy`")
    pareto.add_argument("latency", type=Path, metavar="LATENCY_JSON", help="a record of `latency`, of the same files")
    pareto.add_argument("--out", type=Path, required=True, metavar="SVG", help="the picture to write")
    pareto.set_defaults(run=_pareto)


def _pareto(args: argparse.Namespace) -> int:
    if args.out.suffix != ".svg":
        raise BadInput(f"expected a name that ends in .svg, found {args.out.name}")
    points = points_of(read_record(args.accuracy), read_record(args.latency))
    write_bytes(args.out, draw(points))
    print(json.dumps({"picture": str(args.out), "front": [point.name for point in front(points)]}))
    return 0


def points_of(accuracy: dict[str, Any], latency: dict[str, Any]) -> list[Point]:
    """Return the int8 models that both records speak of, by their files' hashes; refuses records without one."""
    if (accuracy.get("benchmark"), latency.get("benchmark")) != ("accuracy", "latency"):
        raise BadInput("expected a record of accuracy and one of latency, in this order; found others")
    times = {row["model"]: row["microseconds"]["median"] for row in latency["tiles"] if row["threads"] == 1}
    timed = {model["sha256"]: times.get(model["model"]) for model in latency["models"] if model["dtype"] == "int8"}
    points = [
        Point(
            model["model"],
            model["scores"]["auc"],
            model["intervals"]["auc"][0],
            model["intervals"]["auc"][1],
            model["multiply_accumulates"] / 1e6,
            time,
        )
        for model in accuracy["models"]
        if (time := timed.get(model["sha256"]))
    ]
    if not points:
        raise BadInput("expected records of the same int8 model files, found none in common; measure both again")
    return points


def front(points: Sequence[Point]) -> list[Point]:
    """Return the models that no other equals at less time, cheapest first."""
    best = 0.0
    chosen: list[Point] = []
    for point in sorted(points, key=lambda point: (point.microseconds, -point.auc)):
        if point.auc > best:
            best = point.auc
            chosen.append(point)
    return chosen


def draw(points: Sequence[Point]) -> bytes:
    """Return an SVG: AUC with its interval against multiply-accumulates and against time, the front as a line."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
    on_front, ordered = front(points), sorted(points, key=lambda point: (point.mmac, point.microseconds))
    for axis, cost, words in zip(
        axes, ("mmac", "microseconds"), ("million multiply-accumulates a tile", "µs a tile, one thread"), strict=True
    ):
        for number, point in enumerate(ordered, 1):
            at = getattr(point, cost), point.auc
            colour = "#0072b2" if point in on_front else "#777777"
            spread = [[point.auc - point.low], [point.high - point.auc]]
            axis.errorbar(*at, spread, fmt="o", color=colour, capsize=3, label=f"{number} {point.name}")
            side, shift = ("left", 6) if number % 2 else ("right", -6)
            axis.annotate(str(number), at, (shift, 5), textcoords="offset points", ha=side, color=colour, weight="bold")
        axis.plot([getattr(point, cost) for point in on_front], [point.auc for point in on_front], color="#0072b2")
        axis.set_xlabel(words)
        axis.set_xlim(0, 1.1 * max(getattr(point, cost) for point in points))
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    axes[0].set_ylabel("AUC, tile by tile (95 % interval)")
    buffer = io.BytesIO()
    with plt.rc_context({"svg.hashsalt": "pareto"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    plt.close(figure)
    return buffer.getvalue()
