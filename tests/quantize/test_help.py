"""What a person reads who asks a command for help."""

import pytest

from quantize import cli as quantize
from train import cli as train

COMMANDS = [(train, name) for name in ("index", "explore", "cross-validate", "fit", "evaluate", "compare")] + [
    (quantize, name) for name in ("convert", "parity", "pack", "recalibrate", "regate")
]


@pytest.mark.parametrize(("tool", "name"), COMMANDS, ids=lambda value: value if isinstance(value, str) else "")
def test_the_help_of_a_command_begins_with_what_the_list_of_commands_says_of_it(command, tool, name):
    _, listed, _ = command(tool.main, "--help")
    code, shown, _ = command(tool.main, name, "--help")
    first = " ".join(shown.partition("\n\n")[2].partition("\n\n")[0].split())
    assert code == 0 and first.removesuffix(".")[1:] in " ".join(listed.split())
    assert "options:" in shown


def test_the_version_that_convert_gives_is_the_one_that_its_help_tells(command):
    _, shown, _ = command(quantize.main, "convert", "--help")
    given = quantize._parser().parse_args(["convert", "run"]).version
    assert f"(default: {given})" in " ".join(shown.split())
