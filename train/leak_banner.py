"""The red banner of a split that cannot be trusted."""

from __future__ import annotations

from .patch_index import BY_TILE
from .report.blocks import LEAK, Note


def leak_banner(split_by: str, trained: str = "") -> Note:
    """Return the red banner of a split that is not by patient, or of a network, `trained`, that was made with one."""
    if trained:
        words = f"{trained} was trained on a split by tile, so it may know patients that it is judged on."
    elif split_by == BY_TILE:
        words = (
            "This split is by tile: tiles of one patient lie on several of its sides, so a network is judged on "
            "patients that it was trained on."
        )
    else:
        words = "No patient of these pictures is known: those of one patient may lie on several sides of the split."
    return Note(
        f"LEAKY SPLIT. {words} Its figures are flattered (by up to 41 %, Bussola et al., arXiv 1909.06539) "
        "and say nothing about patients that were never seen.",
        LEAK,
    )
