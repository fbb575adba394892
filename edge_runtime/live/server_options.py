"""The options of the page's server on the command line, and what they come to."""

from __future__ import annotations

import argparse
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from edge_runtime.errors import BadInput

SELF_SIGNED = "self-signed"
DEFAULT_PORT = 8080


@dataclass(frozen=True)
class Settings:
    """How the page is served."""

    host: str = "127.0.0.1"
    """The address to listen at; that of this computer alone unless somebody said otherwise."""
    port: int = DEFAULT_PORT
    """0: any free one."""
    names: tuple[str, ...] = ()
    """Further names by which browsers may call this computer."""
    password_file: Path | None = None
    """What `cancernet page-password` wrote."""
    pair: bool = False
    """Whether a phone is let in by a code that is shown here."""
    self_signed: bool = False
    """Whether to encrypt with a certificate of our own making."""
    tls_cert: Path | None = None
    """A certificate of somebody else's making."""
    tls_key: Path | None = None
    """Its key."""
    state: Path | None = None
    """Where the certificate and who is let in are kept; None: where the system keeps such."""

    @property
    def is_open(self) -> bool:
        """Whether other computers can reach it."""
        return not is_loopback(self.host)

    @property
    def needs_login(self) -> bool:
        """Whether nobody is let in without a password or a code."""
        return self.pair or self.password_file is not None

    @property
    def has_tls(self) -> bool:
        """Whether what goes over the network is encrypted."""
        return self.self_signed or self.tls_cert is not None


def add_server(parser: argparse.ArgumentParser) -> None:
    """Add where the page is served, to whom, and how it is kept from others."""
    group = parser.add_argument_group("page", "who may see and lead the instrument; docs/live.md tells of it")
    group.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="where to listen: this computer alone (default), or 0.0.0.0 for its network; that wants --password-file "
        "or --pair",
    )
    group.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"default: {DEFAULT_PORT}")
    group.add_argument(
        "--name",
        action="append",
        default=[],
        metavar="NAME",
        help="a name by which browsers may call this computer, beside its own and its addresses; may be given again",
    )
    group.add_argument(
        "--password-file", type=Path, metavar="FILE", help="let in who knows it; `cancernet page-password FILE` sets it"
    )
    group.add_argument("--pair", action="store_true", help="let in who types a code that is shown here, once a phone")
    tls = group.add_mutually_exclusive_group()
    tls.add_argument("--tls", choices=(SELF_SIGNED,), help="encrypt, with a certificate made here; browsers ask once")
    tls.add_argument("--tls-cert", type=Path, metavar="FILE", help="encrypt, with this certificate (PEM)")
    group.add_argument("--tls-key", type=Path, metavar="FILE", help="the key of --tls-cert (PEM)")


def add_password(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command that sets the page's password; whoever adds it sets what it runs."""
    parser = commands.add_parser("page-password", help="set the password of the live page, for serve --password-file")
    parser.add_argument("file", type=Path, metavar="FILE", help="written anew; holds a hash, not the password")
    return parser


def settings_of(args: argparse.Namespace) -> Settings:
    """Return what the options say; raises BadInput where they do not go together."""
    settings = Settings(
        host=args.host,
        port=args.port,
        names=tuple(args.name),
        password_file=args.password_file,
        pair=args.pair,
        self_signed=args.tls == SELF_SIGNED,
        tls_cert=args.tls_cert,
        tls_key=args.tls_key,
    )
    check_settings(settings)
    return settings


def check_settings(settings: Settings) -> None:
    """Raise BadInput where an instrument would be open to anybody, or TLS lacks a half."""
    if settings.is_open and not settings.needs_login:
        raise BadInput(
            f"expected --password-file FILE or --pair beside --host {settings.host}, found neither: anybody on the "
            "network could lead the instrument; give one, or leave --host away"
        )
    if (settings.tls_cert is None) != (settings.tls_key is None):
        raise BadInput("expected --tls-cert and --tls-key together, found one of them; give both")


def is_loopback(host: str) -> bool:
    """Tell whether an address is reached from this computer alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return False


def state_folder(settings: Settings) -> Path:
    """Return the folder for what the page has to remember: systemd's, or the user's."""
    if settings.state is not None:
        return settings.state
    given = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if given:
        return Path(given) / "page"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "cancernet" / "page"


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, found {text!r}")
    return int(text)
