"""The options of MQTT on the command line: which broker, which topic, in whose name."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from edge_runtime.errors import BadInput

USER, PASSWORD = "CANCERNET_MQTT_USER", "CANCERNET_MQTT_PASSWORD"
"""Environment variables; a password on a command line is seen by all."""
PORTS = {"mqtt": 1883, "mqtts": 8883}
"""By scheme; mqtts is TLS."""
TOPIC = "cancernet"
_TOPIC = re.compile(r"[^\x00-\x1f#+\x7f$][^\x00-\x1f#+\x7f]{0,199}")


@dataclass(frozen=True)
class Broker:
    """Where to publish."""

    host: str
    """Name or address."""
    port: int
    """TCP."""
    topic: str
    """Below which everything is published."""
    has_tls: bool
    """Whether it is encrypted, and the broker's certificate checked."""
    user: str | None = None
    """Who we are to it."""
    password: str | None = None
    """How it knows."""
    authority: Path | None = None
    """Certificates to trust (PEM), where the system's do not do."""

    def __str__(self) -> str:
        return f"{'mqtts' if self.has_tls else 'mqtt'}://{self.host}:{self.port}/{self.topic}"


def add_mqtt(parser: argparse.ArgumentParser) -> None:
    """Add where results are published."""
    group = parser.add_argument_group("MQTT", "tell a broker how it goes; docs/live.md tells of it")
    group.add_argument(
        "--mqtt", metavar="URL", help="mqtt://HOST[:PORT][/TOPIC], or mqtts:// with TLS; needs cancernet-edge[mqtt]"
    )
    group.add_argument("--mqtt-user", metavar="NAME", help=f"default: {USER} of the environment")
    group.add_argument(
        "--mqtt-password-file", type=Path, metavar="FILE", help=f"default: {PASSWORD} of the environment"
    )
    group.add_argument("--mqtt-ca", type=Path, metavar="FILE", help="trust these certificates (PEM) for mqtts://")


def mqtt_of(args: argparse.Namespace) -> Broker | None:
    """Return the broker that the options name; None without one. Raises BadInput."""
    if args.mqtt is None:
        for option in ("mqtt_user", "mqtt_password_file", "mqtt_ca"):
            if getattr(args, option) is not None:
                raise BadInput(f"expected --mqtt URL beside --{option.replace('_', '-')}, found none; give it")
        return None
    try:
        parts = urlsplit(args.mqtt)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port, parts = None, None, urlsplit("")
    topic = unquote(parts.path).strip("/") or TOPIC
    if parts.scheme not in PORTS or not host or set("?#") & set(args.mqtt) or not _TOPIC.fullmatch(topic):
        raise BadInput(f"expected --mqtt mqtt://HOST[:PORT][/TOPIC], found {args.mqtt!r}; write it so")
    if parts.username is not None:
        raise BadInput(
            f"expected --mqtt without user and password, which all can read there; give --mqtt-user and "
            f"--mqtt-password-file, or {USER} and {PASSWORD} in the environment"
        )
    has_tls = parts.scheme == "mqtts"
    if args.mqtt_ca is not None and not (has_tls and args.mqtt_ca.is_file()):
        raise BadInput(f"expected --mqtt-ca with a file that is there, beside mqtts://, found {args.mqtt_ca}")
    user, password = args.mqtt_user or os.environ.get(USER), _password(args.mqtt_password_file)
    if password is not None and user is None:
        raise BadInput("expected --mqtt-user beside a password, found none; give it")
    return Broker(host, port or PORTS[parts.scheme], topic, has_tls, user, password, args.mqtt_ca)


def _password(path: Path | None) -> str | None:
    if path is None:
        return os.environ.get(PASSWORD)
    try:
        return path.read_text(encoding="utf-8").strip("\r\n")
    except (OSError, ValueError) as error:
        raise BadInput(f"expected a password in {path}, found none that can be read: {error}") from error
