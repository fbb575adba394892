import argparse
import subprocess
import sys

import pytest

from edge_runtime.console import run_command
from edge_runtime.errors import BadInput, CameraFailed, CheckFailed
from tests.conftest import ROOT


def parser_that(raises):
    def run(args):
        raise raises

    parser = argparse.ArgumentParser(prog="tool")
    parser.set_defaults(run=run)
    return parser


@pytest.mark.parametrize(
    ("error", "code"), [(BadInput("b"), 2), (CheckFailed("c"), 1), (CameraFailed("d"), 3), (OSError(28, "No space"), 3)]
)
def test_each_kind_of_error_is_one_line_and_an_exit_code_of_its_own(capsys, error, code):
    assert run_command(parser_that(error), []) == code
    out, err = capsys.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and err.startswith("tool: ")


def test_a_mistake_of_ours_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        run_command(parser_that(ZeroDivisionError()), [])
    with pytest.raises(ModuleNotFoundError):
        run_command(parser_that(ModuleNotFoundError("no", name="edge_runtime.typo")), [])


def test_a_missing_package_is_named_with_what_to_install():
    script = (
        "import sys; sys.modules['numpy'] = None; from edge_runtime.cli import main\n"
        "sys.exit(main(['run', 'synthetic:']))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "numpy" in done.stderr and "pip install" in done.stderr
