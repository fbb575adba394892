"""The computer itself: what it is, its memory, its temperature, its power supply."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from edge_runtime.board import Board, text_of
from edge_runtime.heat import NORMAL, STEPS

from .finding import FAILED, OK, WARNING, Finding
from .look import Look

NEEDS_MB = 250
"""A run at 4056x3040 takes less (`python -m benchmarks memory`)."""
ROOM_MB = 100
"""Beside it, for the system."""
_WAS_UNDER_VOLTAGE, _WAS_THROTTLED = 1 << 16, (1 << 17) | (1 << 18) | (1 << 19)
"""Bits of get_throttled that say what was since the start."""


def check_computer(look: Look) -> Iterator[Finding]:
    """Tell what computer, system and Python this is."""
    model = text_of(look.root / "proc/device-tree/model") or platform.processor() or "PC"
    python = f"Python {platform.python_version()}"
    what = f"{model}, {_system(look.root)}, {platform.machine()}, {python}, {os.cpu_count()} cores"
    if platform.machine().startswith("armv6"):
        yield Finding(
            "computer", FAILED, what, "take a Raspberry Pi 3 or newer, or a Zero 2 W: no interpreter runs here"
        )
    elif platform.machine() in ("armv7l", "armv8l") or sys.maxsize < 2**32:
        yield Finding(
            "computer",
            WARNING,
            f"{what}: a 32-bit system",
            "take the 64-bit Raspberry Pi OS: LiteRT has no 32-bit wheel",
        )
    else:
        yield Finding("computer", OK, what)


def check_memory(look: Look) -> Iterator[Finding]:
    """See whether a run fits into the memory that is free now."""
    lines = (text_of(look.root / "proc/meminfo") or "").splitlines()
    values = {line.split(":")[0]: int(line.split()[1]) / 1e6 * 1024 for line in lines if line.endswith("kB")}
    free, whole = values.get("MemAvailable"), values.get("MemTotal", 0.0)
    if free is None:
        yield Finding("memory", WARNING, "this system does not tell how much is free", f"see that {NEEDS_MB} MB are")
        return
    what = f"{free:.0f} MB of {whole:.0f} are free; a run takes up to {NEEDS_MB}"
    mend = "end other programs; boot without a desktop: sudo systemctl set-default multi-user.target, then reboot"
    if free < NEEDS_MB:
        yield Finding("memory", FAILED, what, mend)
    elif free < NEEDS_MB + ROOM_MB:
        yield Finding("memory", WARNING, what, mend)
    else:
        yield Finding("memory", OK, what)


def check_temperature(look: Look) -> Iterator[Finding]:
    """See whether the processor is cool enough to work at full speed."""
    state = Board(look.root).state()
    if state.cpu_c is None:
        yield Finding("temperature", OK, "not told by this computer")
        return
    step = next(step for step in reversed(STEPS) if state.cpu_c >= step.from_c)
    what = f"{state.cpu_c:.0f} °C"
    if step is NORMAL:
        yield Finding("temperature", OK, what)
    else:
        yield Finding(
            "temperature",
            WARNING,
            f"{what} ({step.name}): a run rests for {1 - step.share:.0%} of its time",
            "give it air: a heat sink, a fan, no sun on the box",
        )


def check_power(look: Look) -> Iterator[Finding]:
    """See whether supply and heat hold the processor back, now or since it was started."""
    state, bits = Board(look.root).state(), _bits(look.root)
    supply = "take the supply that is made for this board (5 V, 3 A; a Pi 5: 5 A) and a short, thick cable"
    if state.under_voltage:
        yield Finding("power", FAILED, "under-voltage now: records and the card are in danger", supply)
    elif bits & _WAS_UNDER_VOLTAGE:
        yield Finding("power", WARNING, "under-voltage since the start", supply)
    elif state.throttled:
        yield Finding("power", WARNING, "the processor is held back now", "give it air, or a stronger supply")
    elif bits & _WAS_THROTTLED:
        yield Finding(
            "power", WARNING, "the processor was held back since the start", "give it air, or a stronger supply"
        )
    elif state.throttled is None and state.under_voltage is None:
        yield Finding("power", OK, "not told by this computer")
    else:
        yield Finding("power", OK, "no under-voltage, not held back")


def _bits(root: Path) -> int:
    for path in sorted((root / "sys/devices").glob("platform/soc*/*firmware*/get_throttled")):
        try:
            return int(text_of(path) or "", 16)
        except ValueError:
            continue
    return 0


def _system(root: Path) -> str:
    for line in (text_of(root / "etc/os-release") or "").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.split("=", 1)[1].strip('"')
    return platform.system()
