"""The shipped models in the wheels that a Pi installs, on an emulated Pi 4.

CANCERNET_ARM64 names a folder with root/ (an arm64 Debian) and site/ (its wheels, unpacked); .ci/run makes one.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from edge_runtime.model_file import SHIPPED
from tests.conftest import ROOT

QEMU = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")
FOLDER = Path(os.environ.get("CANCERNET_ARM64", ""))

pytestmark = pytest.mark.skipif(
    not (QEMU and os.environ.get("CANCERNET_ARM64")), reason="needs qemu-aarch64 and CANCERNET_ARM64, see .ci/run"
)


def on_a_pi(*words):
    python = FOLDER / "root" / "usr" / "bin" / "python3.11"
    command = [QEMU, "-cpu", "cortex-a72", "-L", FOLDER / "root", python, "-m", "edge_runtime", *words]
    environment = os.environ | {"PYTHONPATH": f"{FOLDER / 'site'}:{ROOT}"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("model", SHIPPED)
@pytest.mark.parametrize("interpreter", ["litert", "tflite-runtime"])
def test_a_pi_computes_the_golden_vectors_to_the_step(model, interpreter):
    done = on_a_pi("selftest", model, "--threads", "1", "--interpreter", interpreter)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["passed"] and found["runtime"] == interpreter and found["exact"] == found["vectors"]
