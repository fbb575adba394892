"""Routes of the page's own files: a table that is read once, so that no path of a request ever meets the disk."""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from .errors import error_answer
from .routes_login import Doors

FOLDER = Path(__file__).with_name("page")
PREFIX = "/page/"
INDEX, LOGIN = "index.html", "login.html"
_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webmanifest": "application/manifest+json",
    ".txt": "text/plain; charset=utf-8",
}
_NAMED = re.compile(
    r"""(?:src|href)=["'](?:/page/)?([\w./-]+)["']|(?:from|import)\s*\(?["'](?:\./|/page/)([\w./-]+)["']"""
)
_STRINGS = "strings/"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class File:
    """A file of the page."""

    kind: str
    """Its media type."""
    data: bytes
    """As it is."""
    packed: bytes
    """As gzip has it."""
    tag: str
    """Its ETag."""


class Page:
    """All files of the page, by their name."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read them."""
        self.files = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.suffix in _KINDS and path.is_file()
        }
        self._public = self._of_login()

    def is_public(self, path: str) -> bool:
        """Tell whether a path is a file that the login page is made of."""
        return path.startswith(PREFIX) and path[len(PREFIX) :] in self._public

    def _of_login(self) -> frozenset[str]:
        """Return the names of the files that the login page names, what these name, and the words."""
        found, coming = set(), [LOGIN]
        while coming:
            name = coming.pop()
            if name in found or name not in self.files:
                continue
            found.add(name)
            text = self.files[name].data.decode(errors="replace")
            coming += [first or second for first, second in _NAMED.findall(text)]
        return frozenset(found | {name for name in self.files if name.startswith(_STRINGS)}) - {INDEX}


def _read(path: Path) -> File:
    data = path.read_bytes()
    packed = gzip.compress(data, 9, mtime=0)
    return File(_KINDS[path.suffix], data, packed, f'"{hashlib.sha256(data).hexdigest()[:24]}"')


@router.get("/")
def get_page(request: Request) -> Response:
    """Return the page, or to a guest the one to log in with."""
    page: Page = request.app.state.page
    if request.scope["cancernet.inside"]:
        return _answer(request, page.files.get(INDEX))
    doors: Doors = request.app.state.doors
    if doors.pairing is not None:
        doors.pairing.offer()
    return _answer(request, page.files.get(LOGIN), 401)


@router.get("/page/{name:path}")
def get_file(request: Request, name: str) -> Response:
    """Return a file of the page."""
    page: Page = request.app.state.page
    return _answer(request, page.files.get(name))


def _answer(request: Request, file: File | None, status: int = 200) -> Response:
    if file is None:
        return error_answer(404, "not_there", "there is no such file")
    headers = {"etag": file.tag, "cache-control": "no-cache", "vary": "accept-encoding, cookie"}
    if status == 200 and file.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    packed = "gzip" in request.headers.get("accept-encoding", "") and len(file.packed) < len(file.data)
    if packed:
        headers["content-encoding"] = "gzip"
    return Response(file.packed if packed else file.data, status, headers, file.kind)
