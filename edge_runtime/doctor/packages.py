"""Python's side: the environment, NumPy and OpenCV, an interpreter that is really built, and the model in it."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from edge_runtime.board import text_of
from edge_runtime.interpreters import AUTO

from .finding import FAILED, OK, Finding
from .look import Look

PATIENCE_S = 180.0
"""A Zero 2 W with a slow card takes long to load LiteRT for the first time."""
SYSTEM_PACKAGES = Path("usr/lib/python3/dist-packages")
"""Where apt puts Python packages, picamera2 among them."""
_VERSIONS = "import numpy, cv2; numpy.zeros(3).sum(); print(numpy.__version__, cv2.__version__)"
_NUMPY_1 = "pip install 'numpy<2' opencv-python-headless==4.11.0.86"
INSTALL = "pip install -r requirements-edge.txt, in the program's own virtual environment"


def check_environment(look: Look) -> Iterator[Finding]:
    """See whether this Python sees what only the system has: picamera2 and libcamera never come from pip."""
    where = (
        f"a virtual environment in {sys.prefix}" if sys.prefix != sys.base_prefix else f"the system's in {sys.prefix}"
    )
    if not has_picamera2(look.root):
        yield Finding("environment", OK, f"{where}; picamera2 is not installed, only pi: needs it")
    elif look.try_(["-c", "import picamera2"], PATIENCE_S).went_well:
        yield Finding("environment", OK, f"{where}; picamera2 can be imported")
    elif sees_system_packages(Path(sys.prefix)) is False:
        yield Finding(
            "environment",
            FAILED,
            f"{where}, which does not see the system's packages, and picamera2 is only there",
            f"set include-system-site-packages = true in {Path(sys.prefix) / 'pyvenv.cfg'}, or make it again with "
            "python3 -m venv --system-site-packages",
        )
    else:
        why = look.try_(["-c", "import picamera2"], PATIENCE_S).why
        yield Finding("environment", FAILED, f"{where}; picamera2 does not load: {why}", _mend_of_import(why))


def has_picamera2(root: Path) -> bool:
    """Tell whether picamera2 is installed, where apt puts it or in this environment, whether it loads or not."""
    return (root / SYSTEM_PACKAGES / "picamera2").is_dir() or importlib.util.find_spec("picamera2") is not None


def sees_system_packages(prefix: Path) -> bool | None:
    """Return what pyvenv.cfg says of the system's packages; None where `prefix` is no virtual environment."""
    text = text_of(prefix / "pyvenv.cfg")
    if text is None:
        return None
    values = dict(line.split("=", 1) for line in text.lower().splitlines() if "=" in line)
    return {key.strip(): value.strip() for key, value in values.items()}.get("include-system-site-packages") == "true"


def check_packages(look: Look) -> Iterator[Finding]:
    """Load NumPy and OpenCV and use them: on the wrong processor they die only then."""
    tried = look.try_(["-c", _VERSIONS], PATIENCE_S)
    if tried.went_well:
        numpy, opencv = tried.out.split()[:2]
        yield Finding("packages", OK, f"NumPy {numpy}, OpenCV {opencv}")
    else:
        yield Finding("packages", FAILED, f"NumPy and OpenCV do not load: {tried.why}", _mend_of_import(tried.why))


def check_interpreter(look: Look) -> Iterator[Finding]:
    """Build an interpreter and replay the model's golden vectors in it: an import that works proves nothing."""
    words = ["-m", "edge_runtime", "selftest", *([look.model] if look.model else []), "--interpreter", look.interpreter]
    tried = look.try_(words, PATIENCE_S)
    try:
        test = json.loads(tried.out)
    except ValueError:
        yield Finding("interpreter", FAILED, f"none could be built: {tried.why}", _mend_of_interpreter(tried.why, look))
        return
    yield Finding("interpreter", OK, f"{test['runtime']} ({test['kernels']}) was built")
    what = f"{Path(test['file']).name}: {test['exact']} of {test['vectors']} golden vectors to the step"
    if test["passed"]:
        yield Finding("model", OK, f"{what}, none further off than {test['worst_steps']} of {test['tolerance_steps']}")
    else:
        yield Finding(
            "model",
            FAILED,
            f"{what}, one {test['worst_steps']} steps off ({test['tolerance_steps']} are allowed): its answers are "
            "not to be trusted here",
            f"update the interpreter ({INSTALL}), or take another --interpreter",
        )


def _mend_of_import(why: str) -> str:
    if "numpy.dtype size changed" in why or "_ARRAY_API" in why or "compiled using NumPy 1" in why:
        return f"two packages were built for different NumPy versions; on Pi OS 12: {_NUMPY_1}"
    if "libGL" in why:
        return "pip uninstall opencv-python, then pip install opencv-python-headless"
    if "SIGILL" in why:
        return "this processor lacks what the wheel was built for: take a 64-bit system on a Pi 3 or newer"
    return INSTALL


def _mend_of_interpreter(why: str, look: Look) -> str:
    if "damaged" in why or "model file" in why or "no such model" in why:
        return "copy the model file again, or leave --model out for the one that ships"
    if "no interpreter is installed" in why:
        return INSTALL
    if "numpy" in why.lower():
        return f"tflite-runtime wants NumPy 1: {_NUMPY_1}"
    if look.interpreter != AUTO:
        return f"leave --interpreter out, or install {look.interpreter}; {INSTALL}"
    return _mend_of_import(why)
