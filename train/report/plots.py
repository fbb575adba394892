"""Draw with matplotlib for a page: one style, colours that colour-blind people can tell apart, SVG with live text."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from cycler import cycler
from markupsafe import Markup
from matplotlib.figure import Figure

from .blocks import Plot

BLUE, ORANGE, GREEN, RED, SKY, PURPLE, GREY = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#d55e00",
    "#56b4e9",
    "#cc79a7",
    "#8a9299",
)
"""Okabe & Ito 2008, and a grey for what is only a reference."""
CYCLE = (BLUE, RED, GREEN, PURPLE, ORANGE, SKY, "#5c4b8a", "#444b50")
CLASS_COLOURS = (SKY, RED)
"""Negative, positive."""
SPLIT_COLOURS = {"train": BLUE, "val": ORANGE, "test": GREEN}

WIDTH_IN = 4.7
"""Of a plot: at 440 px of a page its text is as large as the page's fine print, on a phone still readable."""

_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "cancernet-edge",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.labelsize": 9.5,
    "legend.fontsize": 8.5,
    "legend.edgecolor": "none",
    "legend.facecolor": "white",
    "legend.framealpha": 0.85,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#9aa2a8",
    "axes.labelcolor": "#1f2528",
    "text.color": "#1f2528",
    "xtick.color": "#59636a",
    "ytick.color": "#59636a",
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#ecefec",
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "axes.prop_cycle": cycler(color=CYCLE),
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "figure.constrained_layout.use": True,
}


@contextmanager
def _figure(height_in: float, width_in: float) -> Iterator[Figure]:
    with matplotlib.rc_context(_STYLE):
        yield Figure(figsize=(width_in, height_in))


def draw(
    paint: Callable[[Any], None], caption: str, height_in: float = 3.5, width_in: float = WIDTH_IN, name: str = ""
) -> Plot:
    """Return a plot with one pair of axes, which `paint` receives; `name` is what a screen reader says."""
    return draw_figure(lambda figure: paint(figure.add_subplot()), caption, height_in, width_in, name)


def draw_figure(
    paint: Callable[[Figure], None], caption: str, height_in: float, width_in: float = WIDTH_IN, name: str = ""
) -> Plot:
    """Return a plot whose whole figure `paint` receives."""
    with _figure(height_in, width_in) as figure:
        paint(figure)
        return Plot(to_svg(figure, name or caption), caption)


def to_svg(figure: Figure, name: str) -> Markup:
    """Return a figure as an inline SVG that scales with its column; the same figure gives the same bytes."""
    out = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(out, format="svg", metadata=nothing)
    svg = out.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r' (?:width|height)="[\d.]+pt"', "", svg, count=2)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)  # figure_1 and the like: one page holds many figures
    return Markup(svg.replace("<svg", Markup('<svg role="img" aria-label="{}"').format(name), 1))


def unit_axes(axes: Any, x: str, y: str) -> None:
    """Prepare axes of two shares, 0..1."""
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=x, ylabel=y)
    axes.set_aspect("equal", adjustable="box")


def stacked_bars(axes: Any, names: list[str], parts: dict[str, list[float]], colours: dict[str, str]) -> None:
    """Draw horizontal bars, the first on top; `parts` are laid end to end."""
    left = [0.0] * len(names)
    for part, lengths in parts.items():
        axes.barh(names, lengths, left=left, color=colours[part], label=part, height=0.72)
        left = [start + length for start, length in zip(left, lengths, strict=True)]
    axes.invert_yaxis()
    axes.grid(False, axis="y")
    axes.margins(y=0.02)
