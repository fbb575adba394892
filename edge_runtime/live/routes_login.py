"""Routes that let somebody in, and out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from .auth import Password
from .auth_gate import cookie_name
from .auth_pairing import PAIRING, Pairing
from .auth_tokens import DAYS, Tokens
from .errors import error_answer
from .routes_live import API, json_answer

log = logging.getLogger(__name__)
router = APIRouter(prefix=API, tags=["login"])

_AT_ONCE = threading.BoundedSemaphore(4)
"""A password takes its time, and a thread that others need."""

_Secret = Annotated[str, Field(max_length=200)]


class Login(BaseModel):
    """What somebody knows: the password, or the code that is shown at the instrument; either field takes either."""

    model_config = ConfigDict(extra="forbid", strict=True)
    password: _Secret = ""
    code: _Secret = ""
    script: bool = False
    """True: give the token in the answer, for `Authorization: Bearer`, and not as a cookie."""


@dataclass(frozen=True)
class LetIn:
    """What a login comes to."""

    token: str | None
    """For a script; None for a browser, which has a cookie that no script of a page can read."""
    days: int
    """How long it holds."""


class _Way(Protocol):
    def matches(self, text: str) -> bool: ...


class Doors:
    """The ways in: a password, a pairing code, both or neither."""

    def __init__(self, password: Password | None, pairing: Pairing | None) -> None:
        """Take what is used."""
        self.pairing = pairing
        ways = ((pairing, PAIRING), (password, password.fingerprint if password is not None else ""))
        self._ways: Sequence[tuple[_Way, str]] = [(way, by) for way, by in ways if way is not None]

    @property
    def valid(self) -> frozenset[str]:
        """By what somebody may have been let in, to be let in still."""
        return frozenset(by for _, by in self._ways)

    def try_all(self, secret: str) -> str | None:
        """Return by what a secret lets in; None: it does not."""
        return next((by for way, by in self._ways if secret and way.matches(secret)), None)


@router.post("/login", response_model=LetIn, responses={401: {"description": "not the password, nor the code"}})
def login(request: Request, given: Login) -> Response:
    """Let in who knows the password or the code."""
    tokens: Tokens | None = request.app.state.tokens
    doors: Doors = request.app.state.doors
    if tokens is None:
        return json_answer(LetIn(None, DAYS))
    if not _AT_ONCE.acquire(blocking=False):
        return error_answer(429, "too_often", "others log in just now; wait a little", {"retry-after": "2"})
    try:
        by = doors.try_all(given.password or given.code)
    finally:
        _AT_ONCE.release()
    if by is None:
        log.warning("somebody at %s was not let in", request.client.host if request.client else "?")
        return error_answer(401, "wrong_secret", "that is not the password, nor a code that holds")
    token = tokens.give(by)
    if given.script:
        return json_answer(LetIn(token, DAYS))
    answer = json_answer(LetIn(None, DAYS))
    secure: bool = request.app.state.settings.has_tls
    answer.set_cookie(
        cookie_name(secure), token, max_age=DAYS * 86400, path="/", secure=secure, httponly=True, samesite="strict"
    )
    return answer


@router.post("/logout", status_code=204)
def logout(request: Request) -> Response:
    """Forget who asks."""
    tokens: Tokens | None = request.app.state.tokens
    token = request.scope.get("cancernet.token")
    if tokens is not None and token is not None:
        tokens.take_back(token)
    answer = Response(status_code=204)
    secure: bool = request.app.state.settings.has_tls
    answer.delete_cookie(cookie_name(secure), path="/", secure=secure, httponly=True, samesite="strict")
    return answer
