"""Routes of the guided calibration."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from .instrument import STEPS, Instrument, NotNow, WalkState
from .routes_live import API, Answers, json_answer
from .state import State

router = APIRouter(prefix=f"{API}/calibration", tags=["calibration"])

_Step = Annotated[str, Path(pattern=f"^({'|'.join(STEPS)})$")]
_NOT_NOW: Answers = {409: {"description": "a session is recorded, or no calibration is under way"}}
_NONE: Answers = {204: {"description": "none is under way"}}


class Begin(BaseModel):
    """Which objective is in use."""

    model_config = ConfigDict(extra="forbid", strict=True)
    objective: Annotated[str, Field(max_length=200)] = ""


class Length(BaseModel):
    """A length that a person gives, µm: of the micrometer's lines, or of a pixel."""

    model_config = ConfigDict(extra="forbid")
    um: Annotated[float | None, Field(gt=0, le=1e6, allow_inf_nan=False)] = None


@router.get("", response_model=WalkState, responses=_NONE)
def get_walk(request: Request) -> Response:
    """Return how it goes."""
    walk = _instrument(request).walk()
    return Response(status_code=204) if walk is None else json_answer(walk)


@router.post("", status_code=201, response_model=WalkState, responses=_NOT_NOW)
def begin_walk(request: Request, given: Begin) -> Response:
    """Begin from nothing."""
    return json_answer(_instrument(request).begin_walk(given.objective), 201)


@router.delete("", status_code=204)
def cancel_walk(request: Request) -> Response:
    """Leave it."""
    _instrument(request).cancel_walk()
    return Response(status_code=204)


@router.post("/steps/{name}", response_model=WalkState, responses=_NOT_NOW)
def take_step(request: Request, name: _Step, given: Length | None = None) -> Response:
    """Begin a step."""
    instrument = _instrument(request)
    if instrument.walk() is None:
        raise NotNow("expected a calibration under way, found none; begin one")
    return json_answer(instrument.take_step(name, given.um if given else None))


@router.post("/apply", response_model=State, responses=_NOT_NOW)
def apply_walk(request: Request) -> Response:
    """Put it to work."""
    return json_answer(_instrument(request).apply_walk())


def _instrument(request: Request) -> Instrument:
    found: Instrument = request.app.state.instrument
    return found
