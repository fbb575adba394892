"""The procedural slide: regions, structures and stain composed into one picture and its truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge_runtime.errors import BadInput
from edge_runtime.procedural.cover import make_cover
from edge_runtime.procedural.fat import Fat, make_fat
from edge_runtime.procedural.glands import Glands, make_glands
from edge_runtime.procedural.layout import Layout, make_layout
from edge_runtime.procedural.noise import make_flow
from edge_runtime.procedural.stain import to_rgb
from edge_runtime.procedural.tissue import stain_maps

TISSUES: tuple[str, ...] = ("glass", "fat", "stroma", "duct", "carcinoma")
UM_PER_PX = 4.0
SMALLEST_PX = 100


@dataclass(frozen=True)
class ProceduralSlide:
    """A drawn slide and where each tissue lies in it."""

    rgb: np.ndarray
    """uint8 (h, w, 3), RGB, at `UM_PER_PX`."""
    classes: np.ndarray
    """uint8 (h, w), index into `TISSUES`; carcinoma is the whole region, with the thin stroma between its nests."""
    seed: int
    """What it was drawn from: the same seed and size give the same slide."""


def make_slide(seed: int = 0, size: tuple[int, int] = (1400, 1800)) -> ProceduralSlide:
    """Draw a slide of `size` (height, width) px: glass around a section with fat, stroma, ducts and carcinoma."""
    if len(size) != 2 or min(size) < SMALLEST_PX:
        raise BadInput(f"expected a size (height, width) of at least {SMALLEST_PX} px each, found {size}")
    if seed < 0:
        raise BadInput(f"expected a seed of 0 or more, found {seed}")
    layout_rng, flow_rng, gland_rng, fat_rng, cover_rng, tissue_rng, nuclei_rng, scanner_rng = (
        np.random.default_rng([seed, part]) for part in range(8)
    )
    flow = make_flow(size, min(260.0, 0.3 * min(size)), flow_rng)
    layout = make_layout(flow, layout_rng)
    glands = make_glands((layout.edge < 0.85) & (layout.tumour < -0.2) & (layout.fat < 0.1), gland_rng)
    fat = make_fat(layout.fat, (layout.edge < 1) & (glands.sleeve < 30), fat_rng)
    classes = _truth(layout, glands, fat)
    cover = make_cover(layout, flow, glands, fat, cover_rng)
    del layout, glands, fat  # maps of a slide are 10 MB each
    hematoxylin, eosin = stain_maps(cover, flow, tissue_rng, nuclei_rng)
    del cover, flow
    return ProceduralSlide(to_rgb(hematoxylin, eosin, scanner_rng), classes, seed)


def _truth(layout: Layout, glands: Glands, fat: Fat) -> np.ndarray:
    classes = np.full(layout.edge.shape, TISSUES.index("stroma"), np.uint8)
    classes[layout.tumour > 0] = TISSUES.index("carcinoma")
    classes[fat.cells] = TISSUES.index("fat")
    classes[glands.mask > 127] = TISSUES.index("duct")
    classes[layout.edge > 1] = TISSUES.index("glass")
    return classes
