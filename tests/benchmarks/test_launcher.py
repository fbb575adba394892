import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.process import imported_modules

CHECKOUT = Path(__file__).parents[2]


def launch(*command):
    given = [sys.executable, "-m", "benchmarks.launcher", *command]
    return json.loads(subprocess.run(given, capture_output=True, text=True, check=True, cwd=CHECKOUT).stdout)


def test_memory_is_that_of_the_program_and_not_of_who_measures_it():
    held = np.ones(50_000_000)  # 400 MB in this process
    found = launch(sys.executable, "-c", "print('first')")
    assert held[0] == 1
    assert found["exit_code"] == 0
    assert found["peak_memory_mb"] is None or 1 < found["peak_memory_mb"] < 200


def test_a_failing_programs_exit_code_is_told():
    assert launch(sys.executable, "-c", "raise SystemExit(3)")["exit_code"] == 3


def test_a_program_without_output_is_measured_too():
    found = launch(sys.executable, "-c", "pass")
    assert 0 < found["first_line_s"] <= found["wall_s"]


def test_the_launcher_imports_next_to_nothing():
    code = "import sys, benchmarks.launcher; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    assert not {"numpy", "cv2", "edge_runtime"} & set(found.stdout.split())


def test_modules_are_read_from_what_python_says_about_import_times():
    said = "import time: self [us] | cumulative | imported package\nINFO line\n"
    said += "import time:       105 |        105 |   _io\nimport time:  9 |  99 | numpy.linalg\n"
    assert imported_modules(said) == ["_io", "numpy.linalg"]


def test_timing_a_device_needs_nothing_that_only_a_workstation_has():
    code = "import sys, benchmarks.cli, benchmarks.latency, benchmarks.record; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    modules = set(found.stdout.split())
    assert not {"sklearn", "tensorflow", "quantize", "matplotlib"} & modules
    assert {name for name in modules if name.startswith("train.")} <= {"train.provenance"}  # Python alone
