"""What the doctor finds: one line a check, with a verdict, and what to do where it is not well."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

OK, WARNING, FAILED = "ok", "warning", "failed"

_MARKS = {OK: ("ok", "32"), WARNING: ("warning", "33"), FAILED: ("FAILED", "31")}
"""Word and terminal colour; the word alone says it, too."""


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    check: str
    """What was looked at: camera, disk, clock ..."""
    verdict: str
    """OK, WARNING (it runs, but look at it) or FAILED (it does not run, or its results are not to be trusted)."""
    found: str
    """What was found, in words and numbers."""
    mend: str = ""
    """What to do about it; empty where it is well."""

    def __post_init__(self) -> None:
        if self.verdict not in _MARKS or bool(self.mend) == (self.verdict == OK):
            raise ValueError(f"expected ok without a mend, or warning or failed with one, found {self}")


def as_text(findings: Sequence[Finding], is_coloured: bool = False) -> str:
    """Return the findings as a person reads them."""
    width = max((len(each.check) for each in findings), default=0)
    lines = []
    for each in findings:
        word, colour = _MARKS[each.verdict]
        mark = f"\033[{colour}m{word:7}\033[0m" if is_coloured else f"{word:7}"
        lines.append(f"{mark}  {each.check:{width}}  {each.found}")
        if each.mend:
            lines.append(f"{'':7}  {'':{width}}  -> {each.mend}")
    return "\n".join([*lines, "", _sum(findings)])


def as_json(findings: Sequence[Finding]) -> str:
    """Return the findings as a program reads them."""
    return json.dumps([asdict(each) for each in findings], indent=2, ensure_ascii=False)


def has_failed(findings: Sequence[Finding]) -> bool:
    """Tell whether a check failed."""
    return any(each.verdict == FAILED for each in findings)


def _sum(findings: Sequence[Finding]) -> str:
    counts = {verdict: sum(each.verdict == verdict for each in findings) for verdict in _MARKS}
    plural = "" if counts[WARNING] == 1 else "s"
    text = f"{counts[OK]} ok, {counts[WARNING]} warning{plural}, {counts[FAILED]} failed"
    return text if counts[FAILED] else f"{text}; this computer can run"
