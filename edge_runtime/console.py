"""What every command line shares: talk on standard error, one line for a person's mistake, exit codes."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Sequence

from .errors import EXIT_DEVICE_FAILED, CancerNetError


def run_command(parser: argparse.ArgumentParser, argv: Sequence[str] | None = None) -> int:
    """Parse, run the chosen command (`args.run`), return its exit code; a person's mistake is one line, no trace."""
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr, force=True)
    try:
        return int(args.run(args))
    except CancerNetError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # the reader went away (| head): what it took was whole lines
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(f"{parser.prog}: interrupted; what was written is whole", file=sys.stderr)
        return 128 + signal.SIGINT
    except OSError as error:
        print(f"{parser.prog}: {error.filename or 'system'}: {error.strerror or error}", file=sys.stderr)
        return EXIT_DEVICE_FAILED
