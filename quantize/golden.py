"""Make golden vectors: inputs from a seeded generator, spread over the model's output range, and what must come out.

A grid of logits with holes does the same for the context stage.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_runtime.context import over_grid
from edge_runtime.contract import Context
from edge_runtime.golden import ContextGolden, Golden
from edge_runtime.model_file import ModelFile
from edge_runtime.network import Network

VECTORS = 32
TOLERANCE_STEPS = 1
"""Within a kernel family outputs are the same on every processor; one step is left for rounding of a new release."""

CONTEXT_GRID = (12, 16)
"""(rows, columns): tiles with all, some and none of their neighbours."""

_CANDIDATES = 4096
_LOGIT_SPREAD, _HOLES = 4.0, 0.4
_RUNTIMES = ("litert", "litert-builtin")


def golden_vectors(model: ModelFile, seed: int = 0) -> Golden:
    """Return golden vectors of a model, with the outputs of both kernel families.

    Tiles of pure noise all give one output and prove nothing; these are smooth patches in the colours of H&E with
    dark specks, and of many candidates those are kept whose outputs spread evenly over what was reached.
    """
    candidates = candidate_tiles(model.contract.tile_px, seed)
    networks = [Network(model, runtime) for runtime in _RUNTIMES]
    outputs = networks[0].outputs(candidates).astype(np.int64)
    wanted = np.linspace(outputs.min(), outputs.max(), VECTORS)
    chosen = np.unique(np.abs(outputs[None, :] - wanted[:, None]).argmin(1))
    tiles = candidates[chosen]
    expected = {net.kernels: net.outputs(tiles).astype(np.int32) for net in networks}
    return Golden(tiles, expected, TOLERANCE_STEPS, context_vectors(model.contract.context))


def context_vectors(context: Context | None, seed: int = 0) -> ContextGolden | None:
    """Return a grid for the context stage, its left half without a hole; None for a model without one."""
    if context is None:
        return None
    draw = np.random.default_rng(seed)
    logits = draw.normal(0, _LOGIT_SPREAD, CONTEXT_GRID).astype(np.float32)
    judged = (draw.random(CONTEXT_GRID) >= _HOLES) | (np.arange(CONTEXT_GRID[1]) < CONTEXT_GRID[1] // 2)
    found = over_grid(context.kernel, logits, judged)
    return ContextGolden(logits, judged, found.logits, found.support)


def candidate_tiles(tile_px: int, seed: int) -> NDArray[np.uint8]:
    """Return uint8 (4096, tile_px, tile_px, 3), RGB: eosin and haematoxylin in smooth random amounts, with nuclei."""
    draw = np.random.default_rng(seed)
    tiles = np.empty((_CANDIDATES, tile_px, tile_px, 3), np.uint8)
    eosin, haematoxylin = np.array([0.09, 0.85, 0.42]), np.array([0.65, 0.70, 0.35])
    for n in range(_CANDIDATES):
        cells = int(draw.integers(2, 12))
        amounts = draw.random((cells, cells, 2)).astype(np.float32) * draw.uniform(0.1, 1.2, 2).astype(np.float32)
        smooth = cv2.resize(amounts, (tile_px, tile_px), interpolation=cv2.INTER_CUBIC)
        nuclei = (draw.random((tile_px, tile_px)) < draw.uniform(0, 0.25)) * draw.uniform(0.2, 1.5)
        smooth[..., 1] += np.asarray(
            cv2.GaussianBlur(nuclei.astype(np.float32), (0, 0), draw.uniform(0.5, 1.5)), np.float32
        )
        density = smooth[..., :1] * eosin + smooth[..., 1:] * haematoxylin
        tiles[n] = np.clip(np.rint(255 * np.exp(-np.maximum(density, 0))), 0, 255)
    return tiles
