"""What was said of a frame, as the page has it."""

from __future__ import annotations

from edge_runtime.results import FrameResult, TileResult

from .state_view import TileState, ViewState


def view_of(number: int, result: FrameResult, size: tuple[int, int]) -> ViewState:
    """Return the view of a result; `size` is (height, width) of the picture that is shown of it."""
    height, width = result.size_px or size
    columns = max(1, result.grid[1])
    side = result.tile_size_px or 0.0
    known = result.um_per_px
    return ViewState(
        number=number,
        frame=result.index,
        source=result.source,
        width=size[1],
        height=size[0],
        um_per_px=None if known is None else known * width / size[1],
        tile_width=side / width,
        tile_height=side / height,
        grid=result.grid,
        tiles=tuple(
            _tile(tile, divmod(n, columns), result.origin_xy, (height, width)) for n, tile in enumerate(result.tiles)
        ),
        looks=result.looks,
        repeats=result.repeats_frame is not None,
        reason=result.reason,
        message=result.message,
    )


def _tile(tile: TileResult, place: tuple[int, int], origin: tuple[int, int], size: tuple[int, int]) -> TileState:
    return TileState(
        place[0],
        place[1],
        (tile.x - origin[0]) / size[1],
        (tile.y - origin[1]) / size[0],
        tile.probability,
        tile.label,
        tile.reason,
        tile.measure,
        tile.value,
    )
