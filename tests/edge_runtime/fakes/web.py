"""Browsers for the tests of the page's server."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from edge_runtime.live.app import make_app
from edge_runtime.live.auth import write_password
from edge_runtime.live.server_options import Settings

from .instrument import FakeInstrument

PASSWORD = "correct horse"


def browser(
    instrument: FakeInstrument, settings: Settings | None = None, client: str = "127.0.0.1", **more: Any
) -> TestClient:
    """Return a browser on this computer; it has the page of an instrument, and no credentials."""
    app = make_app(instrument, settings or Settings())
    return TestClient(app, base_url="http://127.0.0.1:8080", client=(client, 50000), **more)


def locked(folder: Path, **more: Any) -> Settings:
    """Return settings that want the password."""
    file = folder / "password"
    if not file.exists():
        write_password(file, PASSWORD)
    return Settings(password_file=file, state=folder / "state", **more)


def again(client: TestClient, host: str = "192.168.1.20") -> TestClient:
    """Return another browser, at another computer, of the same application."""
    return TestClient(client.app, base_url="http://127.0.0.1:8080", client=(host, 50000))


def until(happens: Callable[[], object]) -> None:
    """Wait for what another thread does."""
    for _ in range(2000):
        if happens():
            return
        time.sleep(0.01)
    raise AssertionError("it never happened")
