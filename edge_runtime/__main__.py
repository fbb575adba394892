"""`python -m edge_runtime` is the same as `cancernet`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
