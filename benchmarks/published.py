"""What others reached on the same archive, with the source of each figure."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Published:
    """One published result."""

    source: str
    """Who, when, where to find it."""
    split: str
    """How the archive was divided."""
    balanced_accuracy: float
    """0..1."""
    f1: float
    """0..1, of carcinoma."""


PUBLISHED = (
    Published("Cruz-Roa et al. 2014, doi 10.1117/12.2043872", "84/29/49 patients", 0.8423, 0.7180),
    Published("Janowczyk & Madabhushi 2016, PMID 27563488", "84/29/49 patients", 0.8468, 0.7648),
)

NOTE = (
    "These were scored on other patients than ours, so a difference of a point or two means nothing. "
    "Figures from a random split of tiles are left out: tiles of one patient then lie on both sides, which was seen "
    "to inflate scores by up to 41 % (Bussola et al., arXiv 1909.06539)."
)


def published_json() -> list[dict[str, object]]:
    """Return the figures as a record holds them."""
    return [asdict(result) for result in PUBLISHED]
