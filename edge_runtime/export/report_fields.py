"""What a report shows of one field: its picture without and with the heat, its top tiles, where it lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from edge_runtime.session.reading import Session
from edge_runtime.sinks.legend import round_length_um

from .placing import APART, Placed
from .report_cells import Cell, cells_of, hatch_of, outline_of, size_um
from .report_found import Mark, SeenField
from .report_pictures import best_picture, data_uri
from .report_top_tiles import TopTile, top_tiles
from .report_words import label_words, length, moment, place, probability, reason_of

FINE_PX = 640
"""Width from which on a picture is worth half a page's width."""
MOST_COLUMNS_WITH_TEXT = 14
"""Tiles of a finer grid are too small to write into."""


@dataclass(frozen=True)
class FieldCard:
    """One field as a report shows it."""

    number: int
    """In the list of the worst; 0 for one that is not among them."""
    frame: int
    """Number of the frame that tells of it."""
    source: str
    recorded_at: str
    looks: int
    picture: str
    """Data URI; empty where none was kept."""
    is_fine: bool
    """Whether the picture has pixels enough to be shown large."""
    width_um: float
    height_um: float
    cells: tuple[Cell, ...]
    hatch: str
    """Path of an SVG over the tiles that were not judged."""
    outline: str
    """And around those that are called positive."""
    has_text: bool
    """Whether tiles are large enough to be written into."""
    scale_um: float
    """Length of the scale bar."""
    scale_words: str
    tiles: int
    judged: int
    positive: int
    highest: str
    refused: str
    """Why the others were not judged; empty where all were."""
    place: str
    """Of its top-left corner; empty where that is not known."""
    top_tiles: tuple[TopTile, ...]
    marks: tuple[Mark, ...]
    alt: str
    """What a screen reader says of its picture."""

    @property
    def anchor(self) -> str:
        """Its name, to jump to."""
        return f"field-{self.frame}"


def corner_of(seen: SeenField, placed: Placed | None) -> tuple[float, float] | None:
    """Return where the top-left corner of a field lies, µm; None where nobody knows.

    On the mosaic, so that it is found there and in QuPath; without a mosaic, on the slide, where its source told that.
    """
    view = None if placed is None or placed.how == APART else placed.view_of(seen.shown.index)
    if view is not None:
        return view.left_um, view.top_um
    record = seen.shown.record
    (x, y), um = record["origin_xy"], record["um_per_px"]
    return (x * um, y * um) if x or y else None


def field_card(
    session: Session, seen: SeenField, number: int, positive: str | None, placed: Placed | None
) -> FieldCard:
    """Return what is shown of a field."""
    frame, record = seen.shown, seen.shown.record
    picture = best_picture(session, frame, seen.pictured)
    width, height = size_um(frame)
    cells = tuple(cells_of(frame, positive))
    results = [tile.result for tile in frame.tiles]
    labels = Counter(tile.label for tile in results if tile.label is not None)
    highest = max((tile.probability for tile in results if tile.probability is not None), default=None)
    corner = corner_of(seen, placed)
    judged, called = sum(labels.values()), labels[positive] if positive else 0
    scale_um = round_length_um(width / 4)
    return FieldCard(
        number=number,
        frame=frame.index,
        source=record["source"],
        recorded_at=moment(frame.recorded_at),
        looks=record["looks"],
        picture="" if picture is None else data_uri(picture),
        is_fine=picture is not None and picture.shape[1] >= FINE_PX,
        width_um=width,
        height_um=height,
        cells=cells,
        hatch=hatch_of(cells),
        outline=outline_of(cells),
        has_text=record["grid"][1] <= MOST_COLUMNS_WITH_TEXT,
        scale_um=scale_um,
        scale_words=length(scale_um).replace(".00", ""),
        tiles=len(results),
        judged=judged,
        positive=called,
        highest=probability(highest),
        refused=_refused([tile.reason for tile in results if tile.reason is not None]),
        place="" if corner is None else place(corner),
        top_tiles=top_tiles(seen, corner),
        marks=tuple(seen.marks),
        alt=(
            f"Field of frame {frame.index}: {judged} of {len(results)} tiles judged, "
            + (f"{called} called {label_words(positive)}, " if positive else "")
            + f"the highest probability {probability(highest)}"
        ),
    )


def _refused(reasons: Sequence[str]) -> str:
    counts = Counter(reasons).most_common()
    return ", ".join(f"{reason_of(code).words} {number}" for code, number in counts)
