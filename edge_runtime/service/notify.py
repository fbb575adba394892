"""Tell systemd how the service is doing: one datagram a message to the socket that it names (see man sd_notify).

Own code rather than a library: the protocol is these lines, and the device installs nothing for it.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping

SOCKET, WATCHDOG_US, WATCHDOG_PID = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"
"""What systemd puts into a service's environment: where it listens, and how long it waits for a sign of life."""


class Notifier:
    """Sends states to the service manager; where none asked for them, it does nothing."""

    def __init__(self, address: str | None = None, watchdog_s: float | None = None) -> None:
        """Take the address of its socket (a path, or an abstract name after @), and its patience in s."""
        self._address = address
        self.watchdog_s = watchdog_s
        """After so long without a sign of life the manager starts the service again; None: it does not watch."""
        self.is_heard = address is not None
        """Whether somebody listens."""

    def tell(self, **states: str | int) -> None:
        """Send states, as `READY=1`. A manager that is gone or slow must not stop a run: then nothing is sent."""
        if self._address is None:
            return
        message = "\n".join(f"{key}={_one_line(value)}" for key, value in states.items())
        name = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.setblocking(False)
            manager.sendto(message.encode(), name)


def notifier_of(environment: Mapping[str, str] = os.environ) -> Notifier:
    """Return what talks to the manager that an environment names; a child of the service is not the one it watches."""
    address = environment.get(SOCKET, "")
    if not address.startswith(("/", "@")):  # none, or a transport that only virtual machines have
        return Notifier()
    meant = environment.get(WATCHDOG_PID, str(os.getpid())) == str(os.getpid())
    microseconds = environment.get(WATCHDOG_US, "")
    is_number = microseconds.isascii() and microseconds.isdecimal() and int(microseconds) > 0
    return Notifier(address, int(microseconds) / 1e6 if meant and is_number else None)


def _one_line(value: str | int) -> str:
    return " ".join(str(value).split())
