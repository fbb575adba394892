"""The constants of the gates, which the contract carries, and the train tiles that pass them.

They were chosen on train and val tiles and on pictures of glass and pen; `python -m benchmarks gates` measures them.
"""

from __future__ import annotations

import dataclasses
import logging

import numpy as np

from edge_runtime.contract import PenGate, StainProfile, TissueGate
from edge_runtime.gates import is_glass, is_pen
from train.formats import IDC, format_named
from train.stain_profile import stain_profile
from train.tiles import TileSet

TISSUE_GATE = TissueGate(max_mean_density=0.13, max_stained_share=0.03, stained_density=0.25)
"""Refuses none of the train tiles; of pictures of glass, all tiles but those that specks of tissue touch."""

PEN_GATE = PenGate(green_ratio=1.2, min_excess=0.35, red_excess=1.4, max_ink_share=0.3, min_roughness=0.045)
"""At 4 µm per px. Ratio and excess leave room for a lamp of 80 %; the densest blood of the train tiles stays below the
red excess. Pen over glass has a roughness of at most 0.037; of the train tiles that show neither ink nor dirt one in
14,600 has less than 0.05. What other values would do: the sweep of `python -m benchmarks gates`."""

_CHUNK = 1024

log = logging.getLogger(__name__)


def pen_gate_at(um_per_px: float) -> PenGate:
    """Return the pen gate at a scale: roughness was measured at that of IDC patches alone, and is off elsewhere."""
    return PEN_GATE if um_per_px == IDC.um_per_px else dataclasses.replace(PEN_GATE, min_roughness=0.0)


def train_stain_profile(train: TileSet) -> StainProfile | None:
    """Return the stain profile of the train tiles that the gates let through; None, and a warning, without tissue."""
    pen_gate = pen_gate_at(format_named(train.format).um_per_px)
    parts = [train.tiles[n : n + _CHUNK] for n in range(0, len(train), _CHUNK)]
    kept = np.concatenate([~(is_glass(part, TISSUE_GATE) | is_pen(part, pen_gate)) for part in parts])
    found = stain_profile(train.tiles[kept], train.patients[kept])
    if found is None:
        log.warning("the train tiles show too little stained tissue: the contract gets no stain profile")
    return found
