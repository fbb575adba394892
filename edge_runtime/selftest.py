"""Replay the golden vectors of a model: does this machine compute what the model was packed with?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .context import Places, over_grid, over_places
from .errors import BadModelFile, CheckFailed
from .model_file import ModelFile
from .network import Network

CONTEXT_TOLERANCE = 1e-4
"""How far the context stage may be off, in logits: float32 sums, in any order."""


@dataclass(frozen=True)
class SelfTest:
    """What a replay found."""

    runtime: str
    """The interpreter that ran."""
    kernels: str
    """Its kernel family, whose outputs were expected."""
    vectors: int
    """How many golden inputs were replayed."""
    exact: int
    """How many came out to the step."""
    worst_steps: int
    """The largest deviation, in steps of the output's scale."""
    tolerance_steps: int
    """What the model allows."""
    context_off: float | None = None
    """The largest deviation of the context stage, in logits or share of support; None: the model has no such stage."""

    @property
    def passed(self) -> bool:
        """Whether every vector came out within the tolerance."""
        return self.worst_steps <= self.tolerance_steps and (self.context_off or 0.0) <= CONTEXT_TOLERANCE


def selftest(model: ModelFile, network: Network) -> SelfTest:
    """Replay the golden vectors in `network`, as one batch: an output never depends on the batch."""
    golden = model.golden
    expected = golden.outputs[network.kernels].astype(np.int64)
    found = network.outputs(golden.tiles).astype(np.int64)
    off = np.abs(found - expected)
    return SelfTest(
        runtime=network.runtime,
        kernels=network.kernels,
        vectors=len(off),
        exact=int((off == 0).sum()),
        worst_steps=int(off.max()),
        tolerance_steps=golden.tolerance_steps,
        context_off=_context_off(model),
    )


def _context_off(model: ModelFile) -> float | None:
    """Return how far the context stage is off its golden grid, as a frame's grid and as places on a slide."""
    context, golden = model.contract.context, model.golden.context
    if context is None:
        return None
    if golden is None:
        raise BadModelFile(f"{model.name}: expected golden vectors of its context stage, found none; pack it again")
    judged = golden.judged
    rows, columns = (places.ravel() for places in np.indices(judged.shape))
    places = Places(np.zeros(judged.size, np.int64), columns, rows, 1)
    dense = over_grid(context.kernel, golden.logits, judged)
    sparse = over_places(context.kernel, golden.logits.ravel(), judged.ravel(), places)
    off = [
        np.abs(found.reshape(judged.shape) - expected)[judged].max()
        for one in (dense, sparse)
        for found, expected in ((one.logits, golden.expected_logits), (one.support, golden.expected_support))
    ]
    return float(np.max(off))  # NaN stays NaN, and fails


def require_selftest(model: ModelFile, network: Network) -> SelfTest:
    """Return the replay's findings, or raise CheckFailed: a model that computes something else must not serve."""
    found = selftest(model, network)
    if found.worst_steps > found.tolerance_steps:
        raise CheckFailed(
            f"{model.name}: expected its golden vectors within {found.tolerance_steps} steps, found one "
            f"{found.worst_steps} off in {found.runtime}: this interpreter does not compute this model; update it, or "
            "take another --interpreter"
        )
    if not found.passed:
        raise CheckFailed(
            f"{model.name}: expected its context stage within {CONTEXT_TOLERANCE:g} of its golden grid, found "
            f"{found.context_off:g} off: NumPy and OpenCV do not compute this stage here; update them"
        )
    return found
