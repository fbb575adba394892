"""Where the views of a session lie on one plane, µm: by where the stage says it stood, or by what overlaps."""

from __future__ import annotations

from collections.abc import Sequence

from edge_runtime.errors import BadInput
from edge_runtime.session.reading import Session

from .layout import beside
from .placed import APART, ORIGINS, REGISTERED, Placed, PlacedView
from .registration import register
from .view_pictures import common_kind, finest_um_per_px, grey_of
from .views import View, read_views

__all__ = ["APART", "ORIGINS", "REGISTERED", "Placed", "PlacedView", "place"]


def place(session: Session, um_per_px: float | None = None) -> Placed:
    """Return the places of a session's views; raises BadInput where no frame was looked at.

    `um_per_px` is that of the mosaic; None: the model's scale.
    """
    found = read_views(session)
    if not found.views:
        raise BadInput(f"{session.folder.name}: expected a frame that was looked at, found none; it has no mosaic")
    um_per_px = _checked(session, found.views, um_per_px)
    said = [f"{found.moving} frames were taken while the stage moved, and have no place"] if found.moving else []
    if len({view.origin_xy for view in found.views}) > 1 or len(found.views) == 1:
        views, origin, how = *_by_origins(found.views), ORIGINS
    else:
        views, how = _by_pictures(session, found.views, said)
        origin = 0.0, 0.0
    width = max(placed.left_um + placed.width_um for placed in views)
    height = max(placed.top_um + placed.height_um for placed in views)
    pieces = len({placed.piece for placed in views})
    return Placed(tuple(views), width, height, um_per_px, how, pieces, tuple(said), found.stands_for, origin)


def _checked(session: Session, views: Sequence[View], um_per_px: float | None) -> float:
    """Return the µm per px of the mosaic; refuses one that is finer than every picture, since it would show no more."""
    if um_per_px is None:
        return session.model().contract.um_per_px
    finest = min((scale for view in views if (scale := finest_um_per_px(view)) is not None), default=None)
    if finest is not None and um_per_px < finest / 1.01:
        raise BadInput(
            f"expected a --resolution of at least {finest:.3g} µm per px, the finest that {session.folder.name} kept, "
            f"found {um_per_px:g}; finer mosaics need sessions that were recorded with --keep frames"
        )
    return um_per_px


def _by_origins(views: Sequence[View]) -> tuple[list[PlacedView], tuple[float, float]]:
    """Return views where their source says they are, and the top-left corner of them all, µm of the source."""
    places = [(view.origin_xy[0] * view.um_per_px, view.origin_xy[1] * view.um_per_px) for view in views]
    left, top = min(x for x, _ in places), min(y for _, y in places)
    placed = [PlacedView(view, x - left, y - top, 0) for view, (x, y) in zip(views, places, strict=True)]
    return placed, (left, top)


def _by_pictures(session: Session, views: Sequence[View], said: list[str]) -> tuple[list[PlacedView], str]:
    """Return views where their pictures say they are, and how; adds to `said`."""
    kind = common_kind(views)
    if kind is None or len({(view.size_px, view.um_per_px) for view in views}) > 1:
        said.append(
            "nothing tells how the views lie to each other, since no pictures were kept; each stands alone"
            if kind is None
            else "views differ in size or scale, so that nothing tells how they lie to each other; each stands alone"
        )
        return _laid_out([([view], [(0.0, 0.0)]) for view in views]), APART
    found = register(len(views), lambda number: grey_of(session, views[number], kind))
    scale = _um_per_px_of(session, views[0], kind)
    pieces = [
        ([views[n] for n in piece], [(found.places[n][0] * scale, found.places[n][1] * scale) for n in piece])
        for piece in found.pieces
    ]
    shown = [piece for piece in pieces if any(view.judged for view in piece[0])] or pieces
    _tell(pieces, shown, len(found.dropped), said)
    return _laid_out(shown), REGISTERED if len(shown) < len(views) else APART


def _um_per_px_of(session: Session, view: View, kind: str) -> float:
    grey = grey_of(session, view, kind)
    return view.um_per_px if grey is None else view.size_um[0] / grey.shape[1]


def _tell(
    pieces: Sequence[tuple[list[View], object]],
    shown: Sequence[tuple[list[View], object]],
    dropped: int,
    said: list[str],
) -> None:
    if len(shown) > 1:
        said.append(
            f"the views are {len(shown)} pieces of {', '.join(str(len(views)) for views, _ in shown[:8])}"
            f"{', ...' if len(shown) > 8 else ''} views: between them nothing overlaps that can be recognized, so they "
            "stand apart, not as they lie on the slide"
        )
    if missing := sum(len(views) for views, _ in pieces) - sum(len(views) for views, _ in shown):
        said.append(f"{missing} views without tissue that could be judged match no other, and are not on the mosaic")
    if dropped:
        said.append(f"{dropped} matches of views contradicted others, and were not believed")


def _laid_out(pieces: Sequence[tuple[list[View], list[tuple[float, float]]]]) -> list[PlacedView]:
    """Return the views of all pieces on one plane, in the order in which they were recorded."""
    boxes = []
    for views, places in pieces:
        left, top = min(x for x, _ in places), min(y for _, y in places)
        right = max(x + view.size_um[0] for view, (x, _) in zip(views, places, strict=True))
        bottom = max(y + view.size_um[1] for view, (_, y) in zip(views, places, strict=True))
        boxes.append((left, top, right - left, bottom - top))
    corners = beside([(width, height) for _, _, width, height in boxes])
    placed = [
        PlacedView(view, x - left + corner[0], y - top + corner[1], number)
        for number, ((views, places), (left, top, _, _), corner) in enumerate(zip(pieces, boxes, corners, strict=True))
        for view, (x, y) in zip(views, places, strict=True)
    ]
    return sorted(placed, key=lambda each: each.frame)
