"""The golden vectors: inputs and what they must become, so that any device can check itself."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ContextGolden:
    """A grid of logits, and what the context stage must make of it."""

    logits: NDArray[np.float32]
    """float32 (rows, columns)."""
    judged: NDArray[np.bool_]
    """bool (rows, columns): the others are holes."""
    expected_logits: NDArray[np.float32]
    """float32 (rows, columns); of holes nothing is asked."""
    expected_support: NDArray[np.float32]
    """float32 (rows, columns), likewise."""


@dataclass(frozen=True)
class Golden:
    """Inputs and what they must become, so that any device can check itself."""

    tiles: NDArray[np.uint8]
    """uint8 (n, tile_px, tile_px, 3), RGB."""
    outputs: Mapping[str, NDArray[np.int32]]
    """By kernel family: int32 (n,), the raw quantized outputs."""
    tolerance_steps: int
    """How many steps of the output's scale a device may be off."""
    context: ContextGolden | None = None
    """Of the context stage; None where the model has none."""


def golden_bytes(golden: Golden) -> bytes:
    """Return golden vectors as they lie in the model file."""
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {"tiles": golden.tiles, "tolerance_steps": np.int64(golden.tolerance_steps)}
    arrays |= {f"output_{family}": values.astype(np.int32) for family, values in golden.outputs.items()}
    if golden.context is not None:
        arrays |= {f"context_{name}": values for name, values in vars(golden.context).items()}
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def golden_of(content: bytes) -> Golden:
    """Return the golden vectors that golden_bytes wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        outputs = {key[7:]: arrays[key] for key in arrays.files if key.startswith("output_")}
        stage = {key[8:]: arrays[key] for key in arrays.files if key.startswith("context_")}
        context = ContextGolden(**stage) if stage else None
        return Golden(arrays["tiles"], outputs, int(arrays["tolerance_steps"]), context)
