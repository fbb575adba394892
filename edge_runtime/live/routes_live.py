"""Routes of the live picture: the instrument's state, the newest view, its picture."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from .bell import Bell
from .instrument import Instrument
from .state import State
from .state_view import ViewState

LONGEST_S = 25.0
"""A proxy, or a phone's network, may cut what says nothing for longer."""
Answers = dict[int | str, dict[str, Any]]
"""What FastAPI wants to know of answers beside the usual one."""
_PICTURE: Answers = {200: {"content": {"image/jpeg": {}}, "description": "the picture"}}

API = "/api/v1"
"""Where the interface is; what changes so that an older page breaks gets a new number."""

router = APIRouter(prefix=API, tags=["live"])


@dataclasses.dataclass(frozen=True)
class Newest:
    """What a phone draws, in one answer."""

    view: ViewState
    """The newest view."""
    state: State
    """The instrument at that moment."""


class Body:
    """The newest view as JSON, made once for all who watch."""

    def __init__(self) -> None:
        """Begin with none."""
        self._number: int | None = None
        self._body = b""

    def of(self, view: ViewState, state: State) -> bytes:
        """Return the answer of a view."""
        if view.number != self._number:
            self._body = as_json(Newest(view, state))
            self._number = view.number
        return self._body


def as_json(value: Any) -> bytes:
    """Return nested dataclasses as JSON; ten times as fast as to validate our own data."""
    return json.dumps(value, default=vars, separators=(",", ":"), ensure_ascii=False).encode()


def json_answer(value: Any, status: int = 200) -> Response:
    """Return an answer of dataclasses."""
    return Response(as_json(value), status, media_type="application/json")


def state_with(instrument: Instrument, bell: Bell) -> State:
    """Return an instrument's state, with how many watch it."""
    return dataclasses.replace(instrument.state(), watchers=bell.watchers())


def state_of(request: Request) -> State:
    """Return the state of the instrument that is asked for."""
    return state_with(request.app.state.instrument, request.app.state.bell)


@router.get("/state", response_model=State, summary="The instrument, now")
def get_state(request: Request) -> Response:
    """Return the instrument's state."""
    return json_answer(state_of(request))


@router.get("/views/newest", response_model=Newest, responses={204: {"description": "no newer view"}})
async def get_newest(
    request: Request,
    after: Annotated[int, Query(ge=-1, le=2**53)] = -1,
    wait: Annotated[float, Query(ge=0, le=LONGEST_S, allow_inf_nan=False)] = 0.0,
) -> Response:
    """Return the newest view if its number is above `after`; wait for one so many seconds at most."""
    instrument: Instrument = request.app.state.instrument
    bell: Bell = request.app.state.bell
    bell.watch(_who(request))
    view = instrument.newest(after)
    if view is None:
        await bell.wait(wait)
        view = instrument.newest(after)
    if view is None:
        return Response(status_code=204)
    body: Body = request.app.state.body
    return Response(body.of(view, state_of(request)), media_type="application/json")


@router.get("/frames/{number}/picture", response_class=Response, responses=_PICTURE)
async def get_picture(request: Request, number: int) -> Response:
    """Return a view's picture; it never changes, and only the newest few are held."""
    instrument: Instrument = request.app.state.instrument
    data = await run_in_threadpool(instrument.picture, number)
    return Response(data, media_type="image/jpeg", headers={"cache-control": "private, max-age=3600, immutable"})


def _who(request: Request) -> str:
    """Return who asks: a phone is one, however many connections it has; phones behind one address are several."""
    token: str | None = request.scope["cancernet.token"]
    return token or (request.client.host if request.client else "")
