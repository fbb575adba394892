"""The tiles of a field as shapes of a drawing, in µm from the field's top-left corner."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from edge_runtime import gates
from edge_runtime.session.stored import StoredFrame, StoredTile
from edge_runtime.sinks.colours import level_of, scale_lut

from .report_words import NOT_TISSUE, label_words, probability, reason_of

HATCHES = 4
"""Lines that a tile that was not judged is hatched with, to each side of its diagonal."""


@dataclass(frozen=True)
class Cell:
    """What is drawn of one tile. Tiles overlap a little; cells meet in the middle of that: no colour is doubled."""

    left: float
    """µm."""
    top: float
    """µm."""
    width: float
    """µm."""
    height: float
    """µm."""
    colour: str = ""
    """#rrggbb of its probability; empty where it was not judged."""
    opacity: float = 0.0
    """0..1."""
    is_positive: bool = False
    """Whether the operating point calls it so."""
    text: str = ""
    """What is written into it: a probability, or the two letters of a reason."""
    words: str = ""
    """What is said of it where somebody points at it."""
    is_tissue: bool = True
    """Whether there is tissue on it, as far as anybody knows."""
    is_hole: bool = False
    """Whether there is no data for it."""

    @property
    def right(self) -> float:
        """µm."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """µm."""
        return self.top + self.height


def hatch_of(cells: Iterable[Cell]) -> str:
    """Return diagonal lines across the tiles of tissue that were not judged, as the path of an SVG."""
    shares = [step / HATCHES for step in range(1, HATCHES + 1)]
    lines = []
    for each in cells:
        if each.colour or not each.is_tissue:
            continue
        left, top, right, bottom, wide, high = each.left, each.top, each.right, each.bottom, each.width, each.height
        lines += [f"M{left:.0f} {top + high * part:.0f}L{left + wide * part:.0f} {top:.0f}" for part in shares]
        lines += [f"M{left + wide * part:.0f} {bottom:.0f}L{right:.0f} {top + high * part:.0f}" for part in shares[:-1]]
    return "".join(lines)


def outline_of(cells: Iterable[Cell]) -> str:
    """Return the border of what is called positive, as the path of an SVG: sides that no other such tile shares."""
    sides: Counter[tuple[float, float, float, float]] = Counter()
    for each in cells:
        if each.is_positive:
            left, top, right, bottom = (round(value, 1) for value in (each.left, each.top, each.right, each.bottom))
            sides.update([(left, top, right, top), (left, bottom, right, bottom)])
            sides.update([(left, top, left, bottom), (right, top, right, bottom)])
    return "".join(f"M{x:g} {y:g}L{u:g} {v:g}" for (x, y, u, v), times in sides.items() if times == 1)


def size_um(frame: StoredFrame) -> tuple[float, float]:
    """Return (width, height) of what a frame shows, µm."""
    height, width = frame.record["size_px"]
    return width * frame.record["um_per_px"], height * frame.record["um_per_px"]


def cells_of(frame: StoredFrame, positive: str | None) -> list[Cell]:
    """Return a cell a tile; `positive` is the label that is outlined, None where nobody knows which it is."""
    um, (origin_x, origin_y) = frame.record["um_per_px"], frame.record["origin_xy"]
    side = frame.record["tile_size_px"] * um
    width, height = size_um(frame)
    columns = _cut({tile.column: (tile.result.x - origin_x) * um for tile in frame.tiles}, side, width)
    rows = _cut({tile.row: (tile.result.y - origin_y) * um for tile in frame.tiles}, side, height)
    cells = []
    for tile in frame.tiles:
        (left, right), (top, bottom) = columns[tile.column], rows[tile.row]
        cells.append(_cell(tile, (left, top, right - left, bottom - top), positive))
    return cells


def _cut(edges: dict[int, float], side: float, end: float) -> dict[int, tuple[float, float]]:
    """Return (begin, end) of each row or column, where neighbours that overlap meet in the middle, µm."""
    order = sorted(edges)
    begins = {each: max(0.0, edges[each]) for each in order}
    ends = {each: min(end, edges[each] + side) for each in order}
    for one, other in pairwise(order):
        if ends[one] > begins[other]:
            ends[one] = begins[other] = (ends[one] + begins[other]) / 2
    return {each: (begins[each], max(begins[each], ends[each])) for each in order}


def _cell(tile: StoredTile, place: tuple[float, float, float, float], positive: str | None) -> Cell:
    said = tile.result
    if said.probability is None or said.label is None:
        code = str(said.reason)
        reason = reason_of(code)
        words, is_hole = f"not judged: {reason.words}", code == gates.NO_DATA
        return Cell(*place, text=reason.mark, words=words, is_tissue=code not in NOT_TISSUE, is_hole=is_hole)
    colours, opacity = scale_lut()
    level = level_of(said.probability)
    is_positive = said.label == positive
    return Cell(
        *place,
        colour="#{:02x}{:02x}{:02x}".format(*colours[level].tolist()),
        opacity=round(float(opacity[level]) / 255, 3),
        is_positive=is_positive,
        text=probability(said.probability) if is_positive else "",
        words=f"{label_words(said.label)}, probability {probability(said.probability)}",
    )
