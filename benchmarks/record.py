"""What becomes of a record: JSON, its Markdown table, and the block of a README that shows it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge_runtime.atomic import write_text
from edge_runtime.errors import BadInput

from .accuracy_table import accuracy_markdown
from .drift_table import drift_markdown
from .export_table import export_markdown
from .feed_table import feed_markdown
from .gates_table import gates_markdown
from .half_open_table import half_open_markdown
from .latency_table import latency_markdown
from .light_table import light_markdown
from .markdown import check_readme, update_readme
from .memory_table import memory_markdown
from .micrometer import micrometer_markdown
from .sessions_table import sessions_markdown
from .watchers_table import watchers_markdown

TABLES: dict[str, Callable[[dict[str, Any]], str]] = {
    "latency": latency_markdown,
    "accuracy": accuracy_markdown,
    "gates": gates_markdown,
    "drift": drift_markdown,
    "light": light_markdown,
    "feed": feed_markdown,
    "memory": memory_markdown,
    "micrometer": micrometer_markdown,
    "sessions": sessions_markdown,
    "watchers": watchers_markdown,
    "half_open": half_open_markdown,
    "export": export_markdown,
}
"""By the record's own name, which is also the name of a README's markers."""


def to_markdown(record: dict[str, Any]) -> str:
    """Return a record's tables."""
    return TABLES[record["benchmark"]](record)


def check_targets(args: argparse.Namespace, name: str) -> None:
    """Raise BadInput where the README cannot take the table, before anything is measured."""
    if args.readme:
        check_readme(args.readme, name)


def give_record(record: dict[str, Any], args: argparse.Namespace) -> None:
    """Write the record to --out or standard output, and its table where it was asked for."""
    text = json.dumps(record, indent=2, allow_nan=False, ensure_ascii=False) + "\n"
    if args.out:
        write_text(args.out, text)
    else:
        print(text, end="")
    give_table(record, args)


def give_table(record: dict[str, Any], args: argparse.Namespace) -> None:
    """Write a record's table to --markdown and into --readme."""
    markdown = to_markdown(record)
    if args.markdown:
        write_text(args.markdown, markdown)
    if args.readme:
        update_readme(args.readme, record["benchmark"], markdown)


def read_record(path: Path) -> dict[str, Any]:
    """Read a record that one of the benchmarks wrote."""
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found = record["benchmark"], record["schema_version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"expected a record at {path} ({error!r}); make one: python -m benchmarks latency --out {path}"
        ) from error
    if found not in {(name, 1) for name in TABLES}:
        raise BadInput(f"{path}: expected a record of {' or '.join(TABLES)}, layout 1, found {found}; measure again")
    return record
