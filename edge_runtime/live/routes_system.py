"""Routes for machines: is it well, and its numbers."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from edge_runtime.cameras.registry import parse_source
from edge_runtime.errors import BadInput

from .metrics import CONTENT, Metrics
from .routes_live import Answers, json_answer, state_of
from .state import FAILED, RUNNING, STARTING, State

OLDEST_S = 60.0
"""A live camera that gave no frame for so long is not well; its own watchdog should have spoken long before."""
_LIVE = frozenset({"pi", "usb", "stream"})
_METRICS: Answers = {200: {"content": {"text/plain": {}}, "description": "Prometheus' text format"}}

router = APIRouter(tags=["system"])


@dataclass(frozen=True)
class Health:
    """Whether the instrument is well."""

    well: bool
    """Whether it does what it should; waiting for a person is well."""
    phase: str
    """One of PHASES."""
    age_s: float | None
    """Of the newest view."""
    message: str | None
    """What is wrong."""


def health_of(state: State) -> Health:
    """Judge an instrument by its phase, and a live camera by the age of its frames."""
    message = None
    if state.phase in (STARTING, FAILED):
        message = state.message or state.phase
    elif state.phase == RUNNING and _is_live(state.source) and (state.age_s is None or state.age_s > OLDEST_S):
        message = f"expected a frame every {OLDEST_S:.0f} s, found none"
    return Health(message is None, state.phase, state.age_s, message)


def _is_live(source: str) -> bool:
    try:
        return parse_source(source).kind in _LIVE
    except BadInput:
        return False


@router.get("/healthz", response_model=Health, responses={503: {"model": Health, "description": "it is not well"}})
def get_health(request: Request) -> Response:
    """Tell whether the instrument is well; from this computer itself without logging in."""
    health = health_of(state_of(request))
    return json_answer(health, 200 if health.well else 503)


@router.get("/metrics", response_class=Response, responses=_METRICS)
def get_metrics(request: Request) -> Response:
    """Return its numbers."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=CONTENT)
