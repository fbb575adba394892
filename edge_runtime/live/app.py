"""The page's application: `/api/v1`, the page itself, and what stands in front of them."""

from __future__ import annotations

import logging

from fastapi import FastAPI
from starlette.middleware import Middleware

from edge_runtime import __version__
from edge_runtime.note import NOTE

from . import (
    routes_calibration,
    routes_downloads,
    routes_live,
    routes_login,
    routes_page,
    routes_session,
    routes_sessions,
    routes_system,
)
from .auth import read_password
from .auth_gate import Gate
from .auth_pairing import Pairing
from .auth_tokens import Tokens
from .bell import Bell
from .downloads import Downloads
from .errors import add_error_answers
from .headers import Names
from .instrument import Instrument
from .metrics import Measured, Metrics
from .server_options import Settings, state_folder
from .shelf import Shelf
from .state import State

log = logging.getLogger(__name__)

_ABOUT = f"An instrument at work. {NOTE}"
_ROUTES = (
    routes_live,
    routes_session,
    routes_sessions,
    routes_downloads,
    routes_calibration,
    routes_login,
    routes_system,
    routes_page,
)


def make_app(instrument: Instrument, settings: Settings) -> FastAPI:
    """Return the application for an instrument; raises BadInput where the password cannot be read."""
    doors = _doors(settings)
    tokens = Tokens(state_folder(settings), doors.valid) if settings.needs_login else None
    page, bell = routes_page.Page(), Bell(instrument)

    def state() -> State:
        return routes_live.state_with(instrument, bell)

    metrics = Metrics(state, lambda: getattr(instrument, "times", None))
    names = Names((*settings.names, settings.host))
    app = FastAPI(
        title="CancerNet Edge",
        version=__version__,
        description=_ABOUT,
        openapi_url=f"{routes_live.API}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(Measured, metrics),
            Middleware(Gate, names, tokens, page.is_public, settings.has_tls),
        ],
    )
    shelf, downloads = Shelf(instrument.sessions), Downloads(instrument.sessions)
    shelf.sweep()
    downloads.sweep()
    for name, value in (
        ("instrument", instrument),
        ("settings", settings),
        ("bell", bell),
        ("body", routes_live.Body()),
        ("page", page),
        ("doors", doors),
        ("tokens", tokens),
        ("metrics", metrics),
        ("shelf", shelf),
        ("downloads", downloads),
    ):
        setattr(app.state, name, value)
    add_error_answers(app)
    for each in _ROUTES:
        app.router.routes.extend(each.router.routes)
    return app


def _doors(settings: Settings) -> routes_login.Doors:
    password = None if settings.password_file is None else read_password(settings.password_file)
    return routes_login.Doors(password, Pairing() if settings.pair else None)
