"""Say in words what a parity report found."""

from __future__ import annotations

import logging
from typing import Any

log = logging.getLogger(__name__)


def log_verdict(report: dict[str, Any]) -> None:
    """Log scores, agreement and verdict of a parity report, with what it says of context."""
    for side in ("float", "int8"):
        score = report[side]
        log.info(
            "%-5s AUC %.4f, balanced accuracy %.4f, F1 %.4f",
            side,
            score["auc"],
            score["balanced_accuracy"],
            score["f1"],
        )
    log.info(
        "%d tiles of %s: balanced accuracy drop %+.4f, agreement %.2f %%: %s",
        report["tiles"],
        report["split"],
        report["balanced_accuracy_drop"],
        100 * report["agreement"],
        "passed" if report["passed"] else "FAILED: " + "; ".join(report["failures"]),
    )
    if report["context"] is not None:
        log.info("%s", _in_context(report["context"]))


def _in_context(found: dict[str, Any]) -> str:
    return (
        f"in context, {found['tiles']} tiles with neighbours: int8 AUC {found['int8']['auc']:.4f}, balanced accuracy "
        f"{found['int8']['balanced_accuracy']:.4f} (tile by tile {found['int8_tile_by_tile']['auc']:.4f}, "
        f"{found['int8_tile_by_tile']['balanced_accuracy']:.4f}); agreement {found['agreement']:.2%}"
    )
