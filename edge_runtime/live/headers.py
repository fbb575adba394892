"""What every answer carries so that a browser keeps the page to itself; and how headers of a request are read."""

from __future__ import annotations

import ipaddress
import secrets
import socket
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie

from starlette.types import Message, Scope, Send

SAFE = frozenset({"GET", "HEAD"})
"""Methods that change nothing."""
_CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_ALWAYS = (
    (b"content-security-policy", _CSP.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), usb=(), screen-wake-lock=(self)"),
)
_NO_STORE = (b"cache-control", b"no-store")


def with_headers(send: Send) -> Send:
    """Return a `send` that adds them; what says nothing about being kept is not kept."""

    async def adding(message: Message) -> None:
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            there = {name.lower() for name, _ in given}
            given += [each for each in (*_ALWAYS, _NO_STORE) if each[0] not in there]
            message = {**message, "headers": given}
        await send(message)

    return adding


def header(scope: Scope, name: bytes) -> str | None:
    """Return a header of a request; where it stands there twice, what no rule allows."""
    found = [value for key, value in scope["headers"] if key == name]
    if not found:
        return None
    return str(found[0].decode("latin-1")) if len(found) == 1 else "\0"


def cookie(scope: Scope, name: str) -> str | None:
    """Return a cookie of a request."""
    try:
        found = SimpleCookie(header(scope, b"cookie") or "").get(name)
    except CookieError:
        return None
    return None if found is None else found.value


def is_ours(scope: Scope) -> bool:
    """Tell whether a request comes of our own page, or of no page at all, as a script's."""
    origin = header(scope, b"origin")
    if origin is not None:
        ours = f"{scope['scheme']}://{header(scope, b'host')}"
        return secrets.compare_digest(origin.lower().encode("latin-1"), ours.lower().encode("latin-1"))
    site = header(scope, b"sec-fetch-site")
    if site in (None, "same-origin", "none"):
        return True
    return bool(scope["path"] == "/" and scope["method"] in SAFE and header(scope, b"sec-fetch-mode") == "navigate")


def network_of(address: str) -> str:
    """Return whom an address stands for: of IPv6 the network, since everybody has as many addresses as they like."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))


class Names:
    """By which names a browser may call this computer, so that no other page can pass for ours (DNS rebinding)."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        """Take further names, beside this computer's own; its addresses are always right."""
        own = socket.gethostname().lower()
        self.names = {"localhost", own, f"{own.partition('.')[0]}.local", *(name.lower() for name in more)}

    def allow(self, host: str | None) -> bool:
        """Tell whether a Host header is one of them; nobody can make an address mean another computer."""
        if not host:
            return False
        name = host.lower().rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host.lower()
        if name.rstrip(".") in self.names:
            return True
        try:
            ipaddress.ip_address(name[1:-1] if name.startswith("[") and name.endswith("]") else name)
        except ValueError:
            return False
        return True
