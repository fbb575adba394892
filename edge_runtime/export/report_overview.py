"""The whole slide on one picture of a report: what was seen, the heat over it, and where the fields shown below lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge_runtime.session.reading import Session
from edge_runtime.sinks.legend import round_length_um

from .ground import areas_um2, ground_of
from .placing import APART, Placed
from .preview import heated
from .preview import overview as drawn
from .report_fields import FieldCard
from .report_pictures import data_uri
from .report_words import area, length

LONGEST_PX = 1500
"""Of the picture: 210 an inch over the width of a page."""


@dataclass(frozen=True)
class Pin:
    """Where a field of the report lies."""

    left: float
    """µm."""
    top: float
    """µm."""
    width: float
    """µm."""
    height: float
    """µm."""
    number: int
    """Of the field in the list of the worst; 0: marked, and not among these."""
    anchor: str
    """Its place in the report."""


@dataclass(frozen=True)
class Overview:
    """The slide."""

    plain: str
    """Data URI of what was seen; empty where no picture was kept."""
    heated: str
    """Data URI of it with the heat laid over."""
    width_um: float
    height_um: float
    pins: tuple[Pin, ...]
    scale_um: float
    """Length of the scale bar."""
    scale_words: str
    judged_area: str
    """Each place once, where the places are known; else empty."""
    positive_area: str
    """Likewise."""
    said: tuple[str, ...]
    """What is to be known of how it was put together."""


def overview(session: Session, placed: Placed, cards: Sequence[FieldCard]) -> Overview:
    """Return the slide with the fields of `cards` marked on it."""
    views = [(card, placed.view_of(card.frame)) for card in cards]
    pins = [
        Pin(view.left_um, view.top_um, view.width_um, view.height_um, card.number, card.anchor)
        for card, view in views
        if view is not None
    ]
    ground = ground_of(placed)
    areas = areas_um2(ground) if placed.how != APART else None
    scale_um = round_length_um(placed.width_um / 4)
    picture = drawn(session, placed, ground, LONGEST_PX)
    return Overview(
        plain=data_uri(picture) if _has_pictures(placed) else "",
        heated=data_uri(heated(picture, placed, ground)),
        width_um=placed.width_um,
        height_um=placed.height_um,
        pins=tuple(pins),
        scale_um=scale_um,
        scale_words=length(scale_um).replace(".00", ""),
        judged_area="" if areas is None else area(areas["judged"]),
        positive_area="" if areas is None else area(areas["positive"]),
        said=tuple(placed.said),
    )


def _has_pictures(placed: Placed) -> bool:
    return any(view.view.pictures for view in placed.views)
