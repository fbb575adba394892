"""A real browser for the tests of the page: Debian's Chromium, led by playwright."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

from edge_runtime.live.server import Server

PHONE, LARGE_PHONE, DESK, SIDEWAYS = (360, 740), (412, 915), (1280, 800), (740, 360)
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """Return where it is; None: there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextlib.contextmanager
def launched(playwright: Any) -> Iterator[Any]:
    """A browser without a window."""
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
    try:
        yield browser
    finally:
        browser.close()


class Visit:
    """A phone or desk that has the page open, and what went wrong there."""

    def __init__(self, browser: Any, server: Server, size: tuple[int, int] = PHONE, **more: Any) -> None:
        narrow = size[0] < 800
        more = {"locale": "en-GB", "device_scale_factor": 2 if narrow else 1, **more}
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]}, has_touch=narrow, **more)
        self.context.set_default_timeout(20_000)
        self.server = server
        self.page = self.context.new_page()
        self.troubles: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda each: self.troubles.append(f"{each.type}: {each.text}"))
        self.page.on("pageerror", lambda each: self.troubles.append(str(each)))
        self.page.on("request", lambda each: self.requests.append(each.url))

    def open(self, part: str = "live") -> Any:
        """Go to a part of the page, and wait for a view; return the page."""
        self.page.goto(f"{self.server.url}#/{part}")
        self.page.wait_for_selector("#frame[data-view]", state="attached")
        return self.page

    def until_view(self, number: int) -> None:
        """Wait until a view is drawn."""
        self.page.wait_for_selector(f'#frame[data-view="{number}"]', state="attached")

    def close(self) -> None:
        self.context.close()
