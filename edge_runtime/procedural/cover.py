"""The share of each pixel that a kind of tissue has: section, fat, tumour and its nests, glands."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from edge_runtime.procedural.fat import Fat
from edge_runtime.procedural.glands import Glands
from edge_runtime.procedural.layout import Layout
from edge_runtime.procedural.noise import Flow, fibres, smooth_noise, strips
from edge_runtime.procedural.nuclei import Where


@dataclass(frozen=True)
class Cover:
    """The share of each pixel that a kind of tissue has: float32 (h, w), 0..1; or bool; or uint8, 255 being all."""

    section: np.ndarray
    """Any tissue at all; the rest is as clear as glass."""
    fat: np.ndarray
    """Fat cells, of which only membranes are left to stain."""
    tumour: np.ndarray
    """The region of the invasive carcinoma, nests and the stroma between."""
    nests: np.ndarray
    """Nests and cords of carcinoma cells within it."""
    infiltrate: np.ndarray
    """Lymphocytes, mostly where the carcinoma meets its surroundings."""
    epithelium: np.ndarray
    """Walls of benign ducts and acini."""
    sleeve: np.ndarray
    """Loose stroma around ducts and between acini."""
    secretion: np.ndarray
    """What fills a lumen."""

    def at(self, where: slice | Where) -> Cover:
        """Return the shares of some rows, or at points, as float32."""
        return Cover(*(_share(getattr(self, kind.name)[where]) for kind in fields(self)))


def make_cover(layout: Layout, flow: Flow, glands: Glands, fat: Fat, rng: np.random.Generator) -> Cover:
    """Share the slide out among the tissues."""
    nests, tumour = _nest_field(flow, rng), np.empty_like(flow.across)
    level = _nest_level(layout, rng)
    infiltrate = smooth_noise(tumour.shape, 45.0, rng, octaves=3)
    for rows in strips(len(tumour)):
        tumour[rows] = np.clip(layout.tumour[rows] * 12 + 0.5, 0, 1) * ~fat.cells[rows]
        nests[rows] = np.clip(2.8 * (nests[rows] - level[rows]) + 0.5, 0, 1) * tumour[rows]
        border = np.exp(-np.square(layout.tumour[rows] / 0.3))
        infiltrate[rows] = np.clip(1.2 * infiltrate[rows] - 1.9 + 0.9 * border, 0, 1)
    del level
    section = _clefts(flow, glands.sleeve, nests, rng)
    for rows in strips(len(section)):
        torn = np.clip((1 - layout.edge[rows]) * 250, 0, 1)
        clear = np.maximum(fat.holes[rows], np.maximum(_share(glands.lumen[rows]), section[rows]))
        section[rows] = torn * (1 - clear)
    return Cover(section, fat.cells, tumour, nests, infiltrate, glands.epithelium, glands.sleeve, glands.secretion)


def _share(part: np.ndarray) -> np.ndarray:
    share = part.astype(np.float32, copy=False)
    return share / np.float32(255) if part.dtype == np.uint8 else share


def _nest_field(flow: Flow, rng: np.random.Generator) -> np.ndarray:
    nests, islands = fibres(flow, 3.6, 2.6, rng), fibres(flow, 10.0, 1.8, rng)
    crumbs = smooth_noise(nests.shape, 22.0, rng, octaves=2)
    for rows in strips(len(nests)):
        nests[rows] = 0.8 * nests[rows] + 0.45 * islands[rows] + 0.3 * crumbs[rows]
    return nests


def _nest_level(layout: Layout, rng: np.random.Generator) -> np.ndarray:
    """Return the level above which cells lie: solid in the heart of the tumour, thin cords towards its edge."""
    level = smooth_noise(layout.tumour.shape, 110.0, rng, octaves=2)
    for rows in strips(len(level)):
        level[rows] = 0.4 - 0.7 * np.clip(layout.tumour[rows], 0, 1) + 0.3 * level[rows]
    return level


def _clefts(flow: Flow, sleeve: np.ndarray, nests: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the slits between bundles of collagen, where a section shrinks: few, in patches."""
    loose = smooth_noise(sleeve.shape, 90.0, rng, octaves=2)
    clefts = fibres(flow, 1.7, 7.0, rng)
    for rows in strips(len(clefts)):
        slits = clefts[rows] + 0.55 * loose[rows]
        clefts[rows] = np.clip(2.2 * (slits - 2.35 - nests[rows] - _share(sleeve[rows])), 0, 1)
    return clefts
