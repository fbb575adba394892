"""Describe the machine that a number was made on and the state it was in: board, versions, clock, temperature, load."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from edge_runtime import __version__
from train.provenance import commit

_PACKAGES = ("ai-edge-litert", "tflite-runtime", "numpy", "opencv-python-headless")
_INT8_INSTRUCTIONS = ("asimddp", "i8mm", "avx2", "avx512_vnni", "avx_vnni")
"""What int8 kernels are written for: Arm's dot product and matrix product, x86's AVX2 and VNNI."""
_CHECKOUT = Path(__file__).resolve().parents[1]


def describe_board(root: Path = Path("/"), checkout: Path = _CHECKOUT) -> dict[str, Any]:
    """Return what stays the same during a run; `root` is where /proc and /sys are looked for."""
    cpu = _cpu(root)
    return {
        "board": _text(root / "proc/device-tree/model"),
        "cpu": cpu.get("model name") or cpu.get("Model") or platform.processor() or None,
        "int8_instructions": [name for name in _INT8_INSTRUCTIONS if name in cpu.get("flags", "").split()],
        "machine": platform.machine(),
        "cores": _cores(),
        "memory_mb": _memory_mb(root),
        "os": _os_name(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name))},
        "cancernet_edge": __version__,
        "git_commit": commit(checkout),
    }


def describe_state(root: Path = Path("/")) -> dict[str, Any]:
    """Return what changes during a run; None where the system does not tell."""
    frequency = root / "sys/devices/system/cpu/cpu0/cpufreq"
    return {
        "governor": _text(frequency / "scaling_governor"),
        "clock_mhz": _thousandths(frequency / "scaling_cur_freq"),
        "max_clock_mhz": _thousandths(frequency / "scaling_max_freq"),
        "temperature_c": _hottest(root),
        "throttled": _text(root / "sys/devices/platform/soc/soc:firmware/get_throttled"),  # Raspberry Pi, bit field
        "load_1min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def _cpu(root: Path) -> dict[str, str]:
    """Return the first value of each key of /proc/cpuinfo; Arm's `Features` are called flags, as on x86."""
    found: dict[str, str] = {}
    for line in (_text(root / "proc/cpuinfo") or "").splitlines():
        key, _, value = line.partition(":")
        found.setdefault(key.strip().replace("Features", "flags"), value.strip())
    return found


def _cores() -> int:
    """Return how many cores this process may use, which a container can hold below what the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_mb(root: Path) -> int | None:
    for line in (_text(root / "proc/meminfo") or "").splitlines():
        if line.startswith("MemTotal:"):
            return round(int(line.split()[1]) * 1024 / 1e6)
    return None


def _os_name() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):  # not Linux, or an odd one
        return platform.platform(terse=True)


def _hottest(root: Path) -> float | None:
    zones = sorted((root / "sys/class/thermal").glob("thermal_zone*/temp"))
    return max((value for zone in zones if (value := _thousandths(zone)) is not None), default=None)


def _thousandths(path: Path) -> float | None:
    text = _text(path)
    return round(int(text) / 1000, 1) if text and text.lstrip("-").isdigit() else None


def _text(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace").strip("\0\n ") or None
    except OSError:  # not on this system, or not for us to read
        return None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
