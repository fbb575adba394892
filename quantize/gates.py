"""The constants of the gates, which the contract carries, and what the train tiles that pass them say of stain.

They were chosen on train and val tiles, on slides stitched from them, and on pictures of glass and pen; `python -m
benchmarks gates` measures them.
"""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge_runtime.contract import DarkGate, FocusGate, MotionGate, PenGate, SaturationGate, TissueGate
from edge_runtime.gates import PEN_OR_DIRT, Gates, look
from train.formats import IDC, format_named
from train.stain_profile import stain_profile
from train.tiles import TileSet

from .stain_gate import learn_stain_gate

TISSUE_GATE = TissueGate(max_mean_density=0.13, max_stained_share=0.03, stained_density=0.25)
"""Refuses none of the train tiles; of pictures of glass, all tiles but those that specks of tissue touch."""

PEN_GATE = PenGate(
    green_ratio=1.2, min_excess=0.35, red_excess=1.4, max_ink_share=0.3, min_roughness=0.045, max_dirt_share=0.05
)
"""At 4 µm per px. Ratio and excess leave room for a lamp of 80 %; the densest blood of the train tiles stays below the
red excess. Pen over glass has a roughness of at most 0.037; of the train tiles that show neither ink nor dirt one in
14,600 has less than 0.05. Specks over val tiles move a logit by 0.4 in the mean where they cover 2 to 5 % of a tile, by
0.7 at 5 to 10 % (and the label of one in nine), by 1.0 at 10 to 15 %. What other values would do: the sweep of `python
-m benchmarks gates`."""

FOCUS_GATE = FocusGate(
    near_um=4.0, far_um=16.0, min_sharpness=0.25, of_baseline=0.45, min_contrast=0.8, max_um_per_px=2.0
)
"""Tiles of train and val slides enlarged to 0.39, 0.8 and 2 µm per px: sharp ones have 0.34 or more (all but 0.5 %, at
2 µm per px all but 1.5 %), 0.6 in the middle; blurred by 8 µm 0.17 or less, with sensor noise of 4 grey levels 0.24
(all but 1 %). Blurred by 16 µm they keep a contrast of 1.1 or more."""

DARK_GATE = DarkGate(white_level=242.0, min_light=0.56)
"""Glass of the train slides is at 242; their darkest tile in a thousand has 0.64 of it, half the light at most 0.53."""

SATURATION_GATE = SaturationGate(clipped_level=253.0, stained_level=240.0, max_share=0.2)
"""No train tile has more than one in a thousand of such pixels; at 1.1 times the light the mean of a tile is 0.1, at
1.3 times 0.3."""

MOTION_GATE = MotionGate(
    max_shift_um=8.0,
    min_match=0.5,
    max_gap_s=0.5,
    default_interval_s=1 / 30,
    max_anisotropy=1.7,
    sharp=0.4,
    even=1.3,
    min_tiles=6,
)
"""8 µm are 2 px of the model. Sharp fields of 4x7 tiles of train and val slides are at most 1.48 times as rough along
one axis as along the other (49 fields); smeared by 24 µm the median is 2.1 and more. Of single tiles of
train, enlarged, 3 to 5 % are as rough along one axis as a smear: so small a view tells nothing."""

_CLEAN = 0.05
"""Share of ink up to which a tile may say where a stain begins to be foreign."""
_CHUNK = 1024

log = logging.getLogger(__name__)


def gates_at(um_per_px: float) -> Gates:
    """Return the gates that need no data, for a model of a scale.

    Roughness was measured at that of IDC patches alone, and is off elsewhere.
    """
    pen = PEN_GATE if um_per_px == IDC.um_per_px else dataclasses.replace(PEN_GATE, min_roughness=0.0)
    return Gates(
        tissue=TISSUE_GATE,
        pen=pen,
        focus=FOCUS_GATE,
        dark=DARK_GATE,
        saturation=SATURATION_GATE,
        motion=MOTION_GATE,
    )


def contract_fields(gates: Gates) -> dict[str, Any]:
    """Return the fields of a contract that hold some gates."""
    return {f"{field.name}_gate": getattr(gates, field.name) for field in dataclasses.fields(gates)}


def learned_from(train: TileSet) -> dict[str, Any]:
    """Return what the train tiles that the gates let through say of stain, as fields of a contract: profile and gate.

    None for both, and a warning, without tissue.
    """
    gates = gates_at(format_named(train.format).um_per_px)
    kept = passing(train.tiles, gates)
    profile = stain_profile(train.tiles[kept], train.patients[kept])
    if profile is None:
        log.warning("the train tiles show too little stained tissue: the contract gets no stain profile and gate")
        return {"stain_profile": None, "stain_gate": None}
    clean = passing(train.tiles, gates.changed(PEN_OR_DIRT, "max_ink_share", _CLEAN))
    return {
        "stain_profile": profile,
        "stain_gate": learn_stain_gate(train.tiles[clean], train.patients[clean], profile.min_density),
    }


def passing(tiles: NDArray[np.uint8], gates: Gates) -> NDArray[np.bool_]:
    """Return bool (n,): which uint8 tiles (n, h, w, 3), RGB, some gates let through, each by itself."""
    return np.concatenate([look(tiles[n : n + _CHUNK], gates).free for n in range(0, len(tiles), _CHUNK)])
