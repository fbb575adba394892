"""The clock: a Pi has none that runs without power, and records without a date are worth little."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from .finding import FAILED, OK, WARNING, Finding
from .look import Look

_NOT_SYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
_TIMEX_BYTES = 512  # struct timex has 208; read only, so no field is named here
_SET = "join a network once, or: sudo timedatectl set-ntp false, then sudo timedatectl set-time 'YYYY-MM-DD hh:mm:ss'"


def check_clock(look: Look) -> Iterator[Finding]:
    """See whether the time can be right, and whether somebody keeps it."""
    said, built = f"{look.now:%Y-%m-%d %H:%M} UTC", installed_at()
    keeper = "a clock with a battery (RTC)" if any((look.root / "dev").glob("rtc[0-9]*")) else None
    if look.now < built:
        yield Finding("clock", FAILED, f"{said}: before this program was installed ({built:%Y-%m-%d %H:%M} UTC)", _SET)
    elif is_synchronised(look.root):
        yield Finding("clock", OK, f"{said}, synchronised")
    elif keeper:
        yield Finding("clock", OK, f"{said}, not synchronised now; kept by {keeper}: compare it with a watch")
    else:
        yield Finding("clock", WARNING, f"{said}, not synchronised, and nothing keeps it without power", _SET)


def installed_at() -> datetime:
    """Return when this package was written to this disk: no true time is earlier."""
    return datetime.fromtimestamp(Path(__file__).stat().st_mtime, timezone.utc)


def is_synchronised(root: Path) -> bool:
    """Tell whether the kernel's clock follows a better one (adjtimex), or timesyncd says so."""
    if (root / "run/systemd/timesync/synchronized").exists():
        return True
    if root != Path("/") or sys.platform != "linux":
        return False
    library = ctypes.CDLL(ctypes.util.find_library("c") or "libc.so.6")
    return 0 <= int(library.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))) < _NOT_SYNCHRONISED
