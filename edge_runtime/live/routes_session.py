"""Routes of the session that is being recorded."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from edge_runtime.session.options import KEEP

from .instrument import Instrument
from .routes_live import API, Answers, json_answer
from .state_parts import RecordingState

router = APIRouter(prefix=f"{API}/session", tags=["recording"])

_Label = Annotated[str, Field(max_length=200)]
_Frame = Annotated[int, Path(ge=0, le=2**53)]
_NOT_NOW: Answers = {409: {"description": "a session runs already, or none does"}}


class Start(BaseModel):
    """What a new session is of."""

    model_config = ConfigDict(extra="forbid", strict=True)
    slide: _Label
    operator: _Label = ""
    keep: Annotated[str, Field(pattern=f"^({'|'.join(KEEP)})?$")] = ""
    """Empty: as the instrument was started."""


class Label(BaseModel):
    """What the slide is called."""

    model_config = ConfigDict(extra="forbid", strict=True)
    slide: _Label


class Note(BaseModel):
    """What somebody writes of a field."""

    model_config = ConfigDict(extra="forbid", strict=True)
    note: Annotated[str, Field(max_length=2000)] = ""


@router.post("", status_code=201, response_model=RecordingState, responses=_NOT_NOW)
def start_session(request: Request, given: Start) -> Response:
    """Begin to record a slide."""
    return json_answer(_instrument(request).start_session(given.slide, given.operator, given.keep), 201)


@router.patch("", response_model=RecordingState, responses=_NOT_NOW)
def relabel_session(request: Request, given: Label) -> Response:
    """Change the slide's label."""
    return json_answer(_instrument(request).relabel(given.slide))


@router.delete("", status_code=204, responses=_NOT_NOW)
def stop_session(request: Request) -> Response:
    """End the session."""
    _instrument(request).stop_session()
    return Response(status_code=204)


@router.put("/marks/{frame}", response_model=RecordingState, responses=_NOT_NOW)
def mark_frame(request: Request, frame: _Frame, given: Note | None = None) -> Response:
    """Mark a frame for the pathologist, with a note."""
    return json_answer(_instrument(request).mark(frame, True, given.note if given else ""))


@router.delete("/marks/{frame}", response_model=RecordingState, responses=_NOT_NOW)
def unmark_frame(request: Request, frame: _Frame) -> Response:
    """Take a mark away."""
    return json_answer(_instrument(request).mark(frame, False))


def _instrument(request: Request) -> Instrument:
    found: Instrument = request.app.state.instrument
    return found
