"""What must be read before any figure of an evaluation."""

from __future__ import annotations

from ..leak_banner import leak_banner
from ..patch_index import BY_TILE
from ..report.blocks import LEAK, WARNING, Note
from ..tiles import TileSet
from .subject import Subject

_ROLES = {
    "val": "Thresholds and calibration were chosen on these very patients, so these figures flatter. Patients that "
    "took no part are in test.",
    "train": "The network was trained on these very tiles. These figures say nothing of other patients.",
}


def banners(subject: Subject, data: TileSet, split: str) -> list[Note]:
    """Return what a person must know first."""
    found = [leak_banner(data.split_by)] if data.leaky else []
    if not data.leaky and subject.data.get("split_by") == BY_TILE:
        found.append(leak_banner(BY_TILE, subject.name))
    slides = set(data.patients.tolist())
    if known := slides & subject.trained_on:
        words = f"LEAK. {subject.name} was trained on {len(known)} of the {len(slides)} slides that are scored here"
        if split != "train":
            found.append(Note(f"{words} ({', '.join(sorted(known)[:8])}). Its figures are worth nothing.", LEAK))
    if split in _ROLES:
        found.append(Note(_ROLES[split], WARNING))
    if len(set(data.groups.tolist())) == 1:
        found.append(Note("All tiles are of one patient: no interval can be given.", WARNING))
    return found
