"""What made a result: versions of the packages, commit of the checkout."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

_PACKAGES = (
    "tensorflow",
    "tf-keras",
    "tensorflow-model-optimization",
    "numpy",
    "opencv-python-headless",
    "cancernet-edge",
)
_CHECKOUT = Path(__file__).resolve().parents[1]


def versions() -> dict[str, str]:
    """Return the versions of what a run is made with."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except ImportError:  # not installed as a package: run from the checkout
            found[package] = "checkout"
    return found


def commit(checkout: Path = _CHECKOUT) -> str | None:
    """Return the commit, with `-dirty` where tracked files differ from it; None outside a checkout or without git."""
    command = ["git", "--no-optional-locks", "-C", str(checkout), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        found = subprocess.run([*command, "--abbrev=12"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return found.stdout.strip() or None if found.returncode == 0 else None
