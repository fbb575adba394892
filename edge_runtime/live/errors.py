"""What the page says when something cannot be done: {"error": {"reason", "message"}}, and never how it came about."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from edge_runtime.errors import BadInput, CameraFailed, CancerNetError, MissingDependency

from .instrument import NotNow, NotThere

log = logging.getLogger(__name__)

_STATUS: Sequence[tuple[type[Exception], int, str]] = (
    (NotNow, 409, "not_now"),
    (NotThere, 404, "not_there"),
    (MissingDependency, 501, "not_installed"),
    (CameraFailed, 503, "camera_failed"),
    (BadInput, 422, "bad_input"),
    (CancerNetError, 500, "failed"),
    (OSError, 507, "storage_failed"),
)
_REASONS = {404: "not_there", 405: "wrong_method", 401: "login", 403: "forbidden", 413: "too_large", 429: "too_often"}


def error_answer(status: int, reason: str, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an error as every route gives it."""
    body = json.dumps({"error": {"reason": reason, "message": message}}, ensure_ascii=False)
    return Response(body, status, dict(headers or {}), "application/json")


def add_error_answers(app: FastAPI) -> None:
    """Have the application answer every error in our form."""
    for kind, _, _ in _STATUS:
        app.add_exception_handler(kind, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_request)
    app.add_exception_handler(HTTPException, _of_starlette)


def _of_ours(request: Request, error: Exception) -> Response:
    status, reason = next((status, reason) for kind, status, reason in _STATUS if isinstance(error, kind))
    message = str(error)
    if isinstance(error, OSError) and not isinstance(error, CancerNetError):
        log.error("%s %s: %s", request.method, request.url.path, error)
        message = f"the disk failed: {error.strerror or 'no reason given'}; make room, or take another disk"
    return error_answer(status, reason, message)


def _of_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    sentences = [f"{_place(each)}: {each['msg']}" for each in error.errors()[:5]]
    return error_answer(422, "bad_input", "; ".join(sentences))


def _place(found: Mapping[str, Any]) -> str:
    return " ".join(str(each) for each in found["loc"] if not isinstance(each, int))[:100]


def _of_starlette(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    words = HTTPStatus(error.status_code).phrase
    return error_answer(error.status_code, _REASONS.get(error.status_code, "refused"), words, error.headers)
