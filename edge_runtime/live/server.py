"""The page's server: uvicorn in a thread of its own, beside the frames."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING

from edge_runtime.errors import BadInput, MissingDependency

from .instrument import Instrument
from .server_options import Settings, check_settings

if TYPE_CHECKING:
    import uvicorn

log = logging.getLogger(__name__)

INSTALL = "install it: pip install 'cancernet-edge[live]'"
_QUEUE = 512
_GRACE_S = 2


class Server:
    """Serves an instrument's page while it is entered. BadInput: what was given does not do."""

    def __init__(self, instrument: Instrument, settings: Settings) -> None:
        """Take the instrument and how to serve it; nothing is opened yet."""
        check_settings(settings)
        self.url = ""
        """Where the page is, once entered."""
        self._instrument, self._settings = instrument, settings
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Server:
        try:
            import uvicorn

            from .app import make_app
            from .deadlines import guarded_protocol
            from .doorman import ACCEPTED
            from .tls import tls_of
        except ImportError as error:
            raise MissingDependency(
                f"expected the packages of the live page, found none ({error}); {INSTALL}"
            ) from error
        app = make_app(self._instrument, self._settings)
        encrypts = tls_of(self._settings)
        listening = _listen(self._settings)
        self.url = _url(self._settings, listening)
        if self._settings.is_open and encrypts is None:
            log.warning("the page is not encrypted: whoever listens to the network can read it; --tls self-signed")
        config = uvicorn.Config(
            app,
            http=guarded_protocol(encrypts),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_S,
            backlog=ACCEPTED,
        )
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # a line for each scan would fill the journal
        self._server = uvicorn.Server(config)
        self._bell = app.state.bell
        self._thread = threading.Thread(target=self._serve, args=(listening,), name="page", daemon=True)
        self._thread.start()
        self._wait()
        listening.listen(_QUEUE)  # the loop takes few at a time; those that wait meanwhile are not turned away
        return self

    def _wait(self) -> None:
        """Wait until it answers."""
        assert self._server is not None and self._thread is not None
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)

    def _serve(self, listening: socket.socket) -> None:
        assert self._server is not None
        try:
            asyncio.run(self._server.serve(sockets=[listening]))
        except Exception:  # the frames go on without the page
            log.exception("the page's server ended")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._bell.close()
            self._thread.join(_GRACE_S + 5.0)
            self._server = self._thread = None


def _listen(settings: Settings) -> socket.socket:
    """Return a socket that listens where a person said; BadInput where that cannot be."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise BadInput(
            f"expected an address of this computer for --host, found {settings.host!r}: {error.strerror}; "
            "give one, as 0.0.0.0"
        ) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_QUEUE)
    except OSError as error:
        listening.close()
        raise BadInput(
            f"expected to listen at {settings.host} port {settings.port}, found: {error.strerror}; "
            "give another --port or --host, or end what listens there"
        ) from error
    return listening


def _url(settings: Settings, listening: socket.socket) -> str:
    """Return what a person types into a browser."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        own = socket.gethostname()
        host = own if "." in own else f"{own}.local"  # what phones on the same network find
    elif ":" in host:
        host = f"[{host}]"
    return f"{'https' if settings.has_tls else 'http'}://{host}:{port}/"
