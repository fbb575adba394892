"""What stands in front of every route: nothing reaches one without a right name, right origin and right credentials.

It goes by what may pass, not by what may not: a route that is added later is closed until it is named here.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from fastapi import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .auth_tokens import Tokens
from .errors import error_answer
from .headers import SAFE, Names, cookie, header, is_ours, network_of, with_headers
from .limits import Buckets, TooLarge, bad_body, has_body, taken_whole, too_large
from .server_options import is_loopback

log = logging.getLogger(__name__)

LOGIN = "/api/v1/login"
HEALTH = "/healthz"
_GUEST = (60.0, 4.0)
"""Requests at once, and a second."""
_GUEST_TRIES = (5.0, 1 / 20)
_ALL_TRIES = (30.0, 0.5)
"""Of all addresses together: each costs a Pi half a second."""
_INSIDE = (600.0, 300.0)
"""A page that watches asks ten times a second, and a room may share one way in."""


class Gate:
    """ASGI middleware; `tokens` None: this computer's own users need no credentials."""

    def __init__(
        self, app: ASGIApp, names: Names, tokens: Tokens | None, public: Callable[[str], bool], secure: bool
    ) -> None:
        """Take the application, allowed names, who was let in, which files are the login page's, whether TLS is on."""
        self._app, self._names, self._tokens, self._public = app, names, tokens, public
        self._cookie = cookie_name(secure)
        self._all_tries = Buckets(*_ALL_TRIES)
        self._guests, self._tries, self._inside = Buckets(*_GUEST), Buckets(*_GUEST_TRIES), Buckets(*_INSIDE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        send = with_headers(send)
        answer = self._refusal(scope)
        if answer is None and has_body(scope):
            try:
                receive = await taken_whole(receive)
            except TooLarge:
                answer = too_large()
            except asyncio.TimeoutError:
                answer = error_answer(408, "too_slow", "the body did not come", {"connection": "close"})
        await (self._tell_mistakes if answer is None else answer)(scope, receive, send)

    async def _tell_mistakes(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on; a mistake of ours is in the log alone."""
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception:
            log.exception("%s %s", scope["method"], scope["path"])
            if begun:
                raise
            answer = error_answer(500, "failed", "something went wrong here; the instrument's log has it")
            await answer(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return why not, or None."""
        if not self._names.allow(header(scope, b"host")):
            return error_answer(
                421, "wrong_host", "expected this computer's address or name as Host; a further one is --name NAME"
            )
        if not is_ours(scope):
            return error_answer(403, "foreign_origin", "expected a request of this page, found one of another")
        token = self._token(scope)
        scope["cancernet.token"] = token
        scope["cancernet.inside"] = token is not None or self._tokens is None
        who = (scope.get("client") or ("",))[0]
        wait = (
            self._inside.take(token or network_of(who)) if scope["cancernet.inside"] else self._guest_waits(scope, who)
        )
        if wait:
            return error_answer(429, "too_often", "asked too often; wait a little", {"retry-after": str(int(wait) + 1)})
        if not scope["cancernet.inside"] and not self._is_for_guests(scope, who):
            return error_answer(401, "login", "log in first", {"www-authenticate": "Bearer"})
        return bad_body(scope)

    def _guest_waits(self, scope: Scope, who: str) -> float:
        network = network_of(who)
        wait = self._guests.take(network)
        if not wait and scope["path"] == LOGIN and scope["method"] == "POST":
            wait = self._tries.take(network) or self._all_tries.take(None)
        return wait

    def _token(self, scope: Scope) -> str | None:
        if self._tokens is None:
            return None
        given = header(scope, b"authorization")
        if given is not None:
            kind, _, text = given.partition(" ")
            text = text.strip() if kind.lower() == "bearer" else ""
        else:
            text = cookie(scope, self._cookie) or ""
        return text if self._tokens.knows(text) else None

    def _is_for_guests(self, scope: Scope, who: str) -> bool:
        path, method = scope["path"], scope["method"]
        if path == LOGIN:
            return bool(method == "POST")
        if path == HEALTH:
            return method in SAFE and is_loopback(who)
        return method in SAFE and (path == "/" or self._public(path))


def cookie_name(secure: bool) -> str:
    """Return the name of the cookie; with the prefix a browser takes it over TLS alone, for this host alone."""
    return "__Host-cancernet" if secure else "cancernet"
