"""Write Markdown tables, and put them between the markers of a README."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from edge_runtime.atomic import write_text
from edge_runtime.errors import BadInput


def table(header: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table whose first column is text and whose others are figures; nothing where it has no rows."""
    lines = ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(["| " + " | ".join(header) + " |", "| --- " + "| ---: " * (len(header) - 1) + "|", *lines])


def with_interval(value: float, bounds: Sequence[float] | None, sign: str = "") -> str:
    """Return a figure with its interval in brackets, where it has one; sign "+" is for differences."""
    interval = "" if bounds is None else f" ({bounds[0]:{sign}.3f} to {bounds[1]:{sign}.3f})"
    return f"{value:{sign}.3f}{interval}"


def replace_block(text: str, name: str, block: str) -> str:
    """Return a document with `block` between its markers `<!-- name:begin -->` and `<!-- name:end -->`."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise BadInput(
            f"expected one line {begin} and, below it, one line {end}, found {text.count(begin)} and {text.count(end)}"
            f"{' in the wrong order' if begin in text and end in text else ''}; add them where the table belongs"
        )
    head, tail = text[: text.index(begin) + len(begin)], text[text.index(end) :]
    return f"{head}\n{block.strip()}\n{tail}"


def check_readme(path: Path, name: str) -> None:
    """Raise BadInput where a README cannot take the table, before the minutes that it takes to make one."""
    _put(path, name, "")


def update_readme(path: Path, name: str, block: str) -> None:
    """Put a table into a README, whole or not at all."""
    write_text(path, _put(path, name, block))


def _put(path: Path, name: str, block: str) -> str:
    try:
        return replace_block(path.read_text(encoding="utf-8"), name, block)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"expected a README at {path}: {error}") from error
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
