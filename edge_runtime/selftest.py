"""Replay the golden vectors of a model: does this machine compute what the model was packed with?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import CheckFailed
from .model_file import ModelFile
from .network import Network


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

    @property
    def passed(self) -> bool:
        """Whether every vector came out within the tolerance."""
        return self.worst_steps <= self.tolerance_steps


def selftest(model: ModelFile, network: Network) -> SelfTest:
    """Replay the golden vectors in `network`, as one batch: an output never depends on the batch."""
    golden = model.golden
    expected = golden.outputs[network.kernels].astype(np.int64)
    found = network.outputs(golden.tiles).astype(np.int64)
    off = np.abs(found - expected)
    return SelfTest(
        network.runtime, network.kernels, len(off), int((off == 0).sum()), int(off.max()), golden.tolerance_steps
    )


def require_selftest(model: ModelFile, network: Network) -> SelfTest:
    """Return the replay's findings, or raise CheckFailed: a model that computes something else must not serve."""
    found = selftest(model, network)
    if not found.passed:
        raise CheckFailed(
            f"{model.name}: expected its golden vectors within {found.tolerance_steps} steps, found one "
            f"{found.worst_steps} off in {found.runtime}: this interpreter does not compute this model; update it, or "
            "take another --interpreter"
        )
    return found
