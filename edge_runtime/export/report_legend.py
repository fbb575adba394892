"""The colours of the heat, explained: as they look over tissue, with the threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge_runtime.sinks.colours import LEVELS, TISSUE, tint

_STEPS = 40


@dataclass(frozen=True)
class Legend:
    """A bar from probability 0 to 1."""

    colours: tuple[str, ...]
    """#rrggbb, left to right, over tissue as eosin leaves it."""
    threshold: str
    """Probability from which a tile is called positive; empty where it is not known."""

    @property
    def threshold_share(self) -> float:
        """Where the threshold lies on the bar, 0..1."""
        return float(self.threshold or 0)


def legend_of(threshold: str) -> Legend:
    """Return the legend of the heat."""
    levels = np.rint(np.linspace(1, LEVELS, _STEPS)).astype(np.uint8)[None, :]
    colours = tint(np.full((1, _STEPS, 3), TISSUE, np.uint8), levels)[0]
    return Legend(tuple("#{:02x}{:02x}{:02x}".format(*colour.tolist()) for colour in colours), threshold)
