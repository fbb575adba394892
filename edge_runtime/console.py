"""What every command line shares: talk on standard error, one line for a person's mistake, exit codes."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence

from .errors import EXIT_BAD_INPUT, EXIT_DEVICE_FAILED, CancerNetError

_OURS = {"edge_runtime", "train", "quantize", "benchmarks"}


def whole_number(lowest: int) -> Callable[[str], int]:
    """Return an argparse type: a whole number of at least `lowest`."""

    def check(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and int(text) >= lowest):
            raise argparse.ArgumentTypeError(f"expected a whole number of at least {lowest}, found {text!r}")
        return int(text)

    return check


def describe(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Let each command's own --help begin with the line that the list of commands has of it."""
    for listed in commands._choices_actions:
        words = str(listed.help)
        commands.choices[listed.dest].description = f"{words[0].upper()}{words[1:]}."


WORKSTATION = "pip install -r requirements.txt"
DEVICE = "pip install 'cancernet-edge[litert]', or -r requirements-edge.txt"


def run_command(parser: argparse.ArgumentParser, argv: Sequence[str] | None = None, install: str = WORKSTATION) -> int:
    """Parse, run the chosen command (`args.run`), return its exit code; a person's mistake is one line, no trace."""
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr, force=True)
    try:
        return int(args.run(args))
    except CancerNetError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return error.exit_code
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] in _OURS:
            raise  # a mistake of ours, not a package that is missing
        print(f"{parser.prog}: expected the package {error.name}, found none; install it: {install}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except BrokenPipeError:  # the reader went away (| head): what it took was whole lines
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(f"{parser.prog}: interrupted; what was written is whole", file=sys.stderr)
        return 128 + signal.SIGINT
    except OSError as error:
        print(f"{parser.prog}: {error.filename or 'system'}: {error.strerror or error}", file=sys.stderr)
        return EXIT_DEVICE_FAILED
