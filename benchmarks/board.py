"""Describe the machine that a number was made on and the state it was in: board, versions, clock, temperature, load."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from edge_runtime import __version__
from edge_runtime.board import hottest_c, text_of, thousandths_of
from train.provenance import commit

_PACKAGES = ("ai-edge-litert", "tflite-runtime", "numpy", "opencv-python-headless")
_INT8_INSTRUCTIONS = ("asimddp", "i8mm", "avx2", "avx512_vnni", "avx_vnni")
"""What int8 kernels are written for: Arm's dot product and matrix product, x86's AVX2 and VNNI."""
_CHECKOUT = Path(__file__).resolve().parents[1]


def describe_board(root: Path = Path("/"), checkout: Path = _CHECKOUT) -> dict[str, Any]:
    """Return what stays the same during a run; `root` is where /proc and /sys are looked for."""
    cpu = _cpu(root)
    return {
        "board": text_of(root / "proc/device-tree/model"),
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
        "governor": text_of(frequency / "scaling_governor"),
        "clock_mhz": thousandths_of(frequency / "scaling_cur_freq"),
        "max_clock_mhz": thousandths_of(frequency / "scaling_max_freq"),
        "temperature_c": hottest_c(root),
        "throttled": text_of(root / "sys/devices/platform/soc/soc:firmware/get_throttled"),  # Raspberry Pi, bit field
        "load_1min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
    }


def _cpu(root: Path) -> dict[str, str]:
    """Return the first value of each key of /proc/cpuinfo; Arm's `Features` are called flags, as on x86."""
    found: dict[str, str] = {}
    for line in (text_of(root / "proc/cpuinfo") or "").splitlines():
        key, _, value = line.partition(":")
        found.setdefault(key.strip().replace("Features", "flags"), value.strip())
    return found


def _cores() -> int:
    """Return how many cores this process may use, which a container can hold below what the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_mb(root: Path) -> int | None:
    for line in (text_of(root / "proc/meminfo") or "").splitlines():
        if line.startswith("MemTotal:"):
            return round(int(line.split()[1]) * 1024 / 1e6)
    return None


def _os_name() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):  # not Linux, or an odd one
        return platform.platform(terse=True)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
