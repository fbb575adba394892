"""The route that gives a recorded session as a file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, StreamingResponse

from .downloads import KINDS, WHOLE, Downloads
from .downloads_zip import zipped
from .routes_live import API, Answers, json_answer
from .routes_sessions import FILE, NOT_THERE, Id, shelf_of

LONGEST_S = 1800.0
_Kind = Annotated[str, Path(pattern=f"^({'|'.join(KINDS)})$")]
_BUSY: Answers = {202: {"description": "it is still being made; ask again"}}

router = APIRouter(prefix=f"{API}/sessions", tags=["sessions"], responses=NOT_THERE)


@router.get("/{id}/export/{kind}", response_class=Response, responses={**FILE, **_BUSY})
async def get_export(
    request: Request,
    id: Id,
    kind: _Kind,
    wait: Annotated[float, Query(ge=0, le=LONGEST_S, allow_inf_nan=False)] = LONGEST_S,
) -> Response:
    """Return a session as a file; it is made first, and where that takes longer than `wait`, the answer is 202."""
    folder = await run_in_threadpool(shelf_of(request).find, id)
    if kind == WHOLE:
        name = f"{id}.zip"
        return StreamingResponse(zipped(folder), media_type="application/zip", headers=_as_file(name))
    downloads: Downloads = request.app.state.downloads
    made = await downloads.get(folder, kind, wait)
    if made is None:
        answer = json_answer({"busy": kind}, 202)
        answer.headers["retry-after"] = "2"
        return answer
    return FileResponse(made, media_type="application/octet-stream", headers=_as_file(f"{id}-{made.name}"))


def _as_file(name: str) -> dict[str, str]:
    """Return what has a browser store an answer, and never show it in our name."""
    return {"content-disposition": f'attachment; filename="{name}"'}
