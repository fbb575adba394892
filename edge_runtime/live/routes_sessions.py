"""Routes of recorded sessions: list, look, delete."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from edge_runtime.errors import BadInput
from edge_runtime.export.extras import kinds_here
from edge_runtime.session.listing import RUNNING

from .downloads import WHOLE
from .instrument import NotThere
from .routes_live import API, Answers, json_answer
from .shelf import Listed, Shelf, describe
from .shelf_fields import Field, Mark, frame_of, marks_of, open_session, tile_counts, worst_fields

Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$")]
"""Of a session: the name of its folder."""
_Frame = Annotated[int, Path(ge=0, le=2**53)]
NOT_THERE: Answers = {404: {"description": "there is none"}}
FILE: Answers = {200: {"content": {"application/octet-stream": {}}, "description": "the file"}}

router = APIRouter(prefix=f"{API}/sessions", tags=["sessions"], responses=NOT_THERE)


@dataclasses.dataclass(frozen=True)
class Sessions:
    """What is on the disk."""

    sessions: tuple[Listed, ...]
    """The newest first."""


@dataclasses.dataclass(frozen=True)
class Details:
    """A session, with more of it."""

    session: Listed
    """As the list has it."""
    source: str
    """As a person gave it."""
    software: str
    """What made it."""
    model_sha256: str
    """Which model judged."""
    calibration_sha256: str | None
    """Which calibration; None: none."""
    operating_point: str
    """Which threshold made the labels."""
    keep: str
    """What was kept of each field."""
    tiles: dict[str, int]
    """How many have each label or reason, each look at a field counted."""
    marks: tuple[Mark, ...]
    """Marked frames."""
    exports: tuple[str, ...]
    """What it can be downloaded as, here and now."""


@dataclasses.dataclass(frozen=True)
class Worst:
    """Fields, worst first."""

    fields: tuple[Field, ...]
    """By their highest probability."""
    warnings: tuple[str, ...]
    """What could not be read."""


class Confirm(BaseModel):
    """That somebody means it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    confirm: str
    """The session's id, once more."""


@router.get("", response_model=Sessions)
def list_sessions(request: Request) -> Response:
    """List what was recorded."""
    return json_answer(Sessions(tuple(shelf_of(request).listed())))


@router.get("/{id}", response_model=Details)
def get_session(request: Request, id: Id) -> Response:
    """Tell more of one."""
    folder = shelf_of(request).find(id)
    listed = describe(folder)
    with open_session(folder) as session:
        info = session.info
        point, keep = (str(info.settings.get(key, "")) for key in ("operating_point", "keep"))
        return json_answer(
            Details(
                listed,
                info.source,
                info.software,
                info.model_sha256,
                info.calibration_sha256,
                point,
                keep,
                tile_counts(session),
                tuple(marks_of(session)),
                (*kinds_here(), *(() if listed.ended_by == RUNNING else (WHOLE,))),
            )
        )


@router.delete("/{id}", status_code=204, responses={409: {"description": "it is being recorded"}})
def delete_session(request: Request, id: Id, given: Confirm) -> Response:
    """Delete one for good; the body says its id once more."""
    if given.confirm != id:
        raise BadInput(f"expected confirm to be {id}, found another; nothing was deleted")
    shelf_of(request).delete(id)
    return Response(status_code=204)


@router.get("/{id}/worst", response_model=Worst)
def get_worst(request: Request, id: Id, limit: Annotated[int, Query(ge=1, le=100)] = 12) -> Response:
    """Return the fields with the highest probability."""
    with open_session(shelf_of(request).find(id)) as session:
        return json_answer(Worst(tuple(worst_fields(session, limit)), tuple(session.warnings)))


@router.get("/{id}/frames/{frame}/thumbnail", response_class=Response, responses=FILE)
def get_thumbnail(request: Request, id: Id, frame: _Frame) -> Response:
    """Return a frame's small picture."""
    with open_session(shelf_of(request).find(id)) as session:
        found = frame_of(session, frame)
        data = None if found is None else session.picture(found, "thumbnail")
    if data is None:
        raise NotThere(f"expected a picture of frame {frame}, found none: it was not kept, or it is damaged")
    return Response(data, media_type="image/jpeg", headers={"cache-control": "private, max-age=3600"})


def shelf_of(request: Request) -> Shelf:
    """Return the recorded sessions."""
    found: Shelf = request.app.state.shelf
    return found
