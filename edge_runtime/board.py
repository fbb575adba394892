"""How the computer is doing: temperature, throttling, supply voltage and clock, from what Linux tells in sysfs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from .timing import Clock

READ_EVERY_S = 1.0
"""The files are read so often at most: on a Pi each asks the firmware, and heat takes seconds to move."""

_UNDER_VOLTAGE, _CAPPED, _THROTTLED, _SOFT_LIMIT = 1 << 0, 1 << 1, 1 << 2, 1 << 3
"""Bits of get_throttled that say what is now; those from 16 on, what was since the start, are not used."""
_CPU_ZONES = ("cpu", "x86_pkg", "soc")
"""How the types of thermal zones begin that measure the processor: cpu-thermal on a Pi."""
_COOLING = ("cpufreq", "thermal-cpufreq", "Processor")
"""How the types of cooling devices begin that slow the processor down."""


@dataclass(frozen=True)
class BoardState:
    """How the computer was doing; None where it does not tell."""

    cpu_c: float | None = None
    """Temperature of the processor, °C."""
    throttled: bool | None = None
    """Whether the processor is held back by heat or by its supply."""
    under_voltage: bool | None = None
    """Whether the supply is below what the board needs (4.63 V on a Pi)."""
    clock_mhz: float | None = None
    """Clock of the first core."""


NOT_TOLD = BoardState()
"""Of a computer that tells nothing."""


class Board:
    """Reads the state of this computer, once a second at most."""

    def __init__(self, root: Path = Path("/"), clock: Clock = time.monotonic) -> None:
        """Find what there is below `root`, in which /sys and /proc are looked for."""
        self._clock = clock
        thermal, devices = root / "sys/class/thermal", root / "sys/devices"
        self._zones = _processor_zones(thermal)
        self._cooling = [
            path.parent / "cur_state"
            for path in sorted(thermal.glob("cooling_device*/type"))
            if (text_of(path) or "").startswith(_COOLING)
        ]
        self._firmware = sorted(devices.glob("platform/soc*/*firmware*/get_throttled"))
        self._alarms = [
            path.parent / "in0_lcrit_alarm"
            for path in sorted((root / "sys/class/hwmon").glob("hwmon*/name"))
            if text_of(path) == "rpi_volt"
        ]
        self._clock_file = devices / "system/cpu/cpu0/cpufreq/scaling_cur_freq"
        self.cools_by_itself = text_of(root / "proc/device-tree/model") is None
        """True for a PC, False for a board with a device tree: small Arm computers in a box without a fan."""
        self._read_at: float | None = None
        self._state = NOT_TOLD

    def state(self) -> BoardState:
        """Return the state, which is no older than a second."""
        now = self._clock()
        if self._read_at is None or now - self._read_at >= READ_EVERY_S:
            self._state, self._read_at = self._read(), now
        return self._state

    def _read(self) -> BoardState:
        bits = next((found for path in self._firmware if (found := _hexadecimal(path)) is not None), None)
        return BoardState(
            cpu_c=_hottest(self._zones),
            throttled=self._throttled(bits),
            under_voltage=self._under_voltage(bits),
            clock_mhz=thousandths_of(self._clock_file),
        )

    def _throttled(self, bits: int | None) -> bool | None:
        if bits is not None:
            return bool(bits & (_CAPPED | _THROTTLED | _SOFT_LIMIT))
        return _any(self._cooling)

    def _under_voltage(self, bits: int | None) -> bool | None:
        """Return what the voltage monitor says; the firmware's own word where there is none."""
        alarm = _any(self._alarms)
        return alarm if alarm is not None or bits is None else bool(bits & _UNDER_VOLTAGE)


def hottest_c(root: Path) -> float | None:
    """Return the temperature of the processor, °C, by the thermal zones below `root`; None where none tells it."""
    return _hottest(_processor_zones(root / "sys/class/thermal"))


def text_of(path: Path) -> str | None:
    """Return a file's text without its ends, or None where it is missing, empty or not for us."""
    try:
        return path.read_text(errors="replace").strip("\0\n ") or None
    except OSError:  # not on this system, or its driver cannot answer now
        return None


def thousandths_of(path: Path) -> float | None:
    """Return a whole number from a file, divided by 1000: sysfs counts in m°C and kHz."""
    text = text_of(path)
    return round(int(text) / 1000, 1) if text and text.lstrip("-").isdecimal() and text.isascii() else None


def _processor_zones(thermal: Path) -> list[Path]:
    """Return the files of the zones that measure the processor; all of them where no type says so."""
    zones = sorted(path.parent for path in thermal.glob("thermal_zone*/temp"))
    named = [zone for zone in zones if (text_of(zone / "type") or "").startswith(_CPU_ZONES)]
    return [zone / "temp" for zone in named or zones]


def _hottest(zones: list[Path]) -> float | None:
    return max((value for zone in zones if (value := thousandths_of(zone)) is not None), default=None)


def _hexadecimal(path: Path) -> int | None:
    text = text_of(path)
    try:
        return None if text is None else int(text, 16)
    except ValueError:
        return None


def _any(paths: list[Path]) -> bool | None:
    """Return whether one of some files holds another number than 0; None where none can be read."""
    found = [text != "0" for path in paths if (text := text_of(path)) is not None]
    return any(found) if found else None
