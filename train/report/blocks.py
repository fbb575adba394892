"""What a report is made of: sections of text, figures, tables, plots and pictures; templates/ says how they look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

LEAK, WARNING, PLAIN = "leak", "warning", "plain"
"""Tones of a note: figures that cannot be believed; something to mind; something to know."""


@dataclass(frozen=True)
class Note:
    """A paragraph."""

    kind: ClassVar[str] = "note"
    text: str
    """Plain words, or Markup."""
    tone: str = PLAIN
    """LEAK, WARNING or PLAIN."""


@dataclass(frozen=True)
class Fact:
    """One figure to be seen at a glance."""

    label: str
    value: str
    detail: str = ""
    """Its interval, or of what it is."""


@dataclass(frozen=True)
class Facts:
    """Figures side by side."""

    kind: ClassVar[str] = "facts"
    facts: Sequence[Fact]


@dataclass(frozen=True)
class Table:
    """Rows of cells that are already text."""

    kind: ClassVar[str] = "table"
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    """What it shows, and of what."""
    words: int = 1
    """So many columns, from the left, are words; the rest are numbers and end on one line."""
    folded: bool = False
    """Whether it is opened by a click on its caption."""


@dataclass(frozen=True)
class Plot:
    """An inline SVG."""

    kind: ClassVar[str] = "plot"
    svg: Markup
    caption: str
    """What it shows, how to read it."""


@dataclass(frozen=True)
class Picture:
    """A picture as a data URI."""

    kind: ClassVar[str] = "picture"
    uri: str
    caption: str
    coarse: bool = False
    """Whether its pixels are tiles, to be drawn as squares."""


@dataclass(frozen=True)
class Gallery:
    """Small pictures side by side, each with a few words below."""

    kind: ClassVar[str] = "gallery"
    pictures: Sequence[Picture]
    caption: str = ""
    """What they have in common."""
    least_px: int = 104
    """Width of a picture at least."""


@dataclass(frozen=True)
class Row:
    """Blocks side by side where the page is wide enough."""

    kind: ClassVar[str] = "row"
    blocks: Sequence[Block]
    columns: int = 2
    """At the most."""
    on_phone: int = 1
    """Columns where there is no room."""


@dataclass(frozen=True)
class Stack:
    """Blocks one below the other, as one part of a row."""

    kind: ClassVar[str] = "stack"
    blocks: Sequence[Block]


Block = Note | Facts | Table | Plot | Picture | Gallery | Row | Stack


@dataclass(frozen=True)
class Section:
    """A part of a report with a heading."""

    title: str
    blocks: Sequence[Block]
    lead: str = ""
    """One or two sentences below the heading."""

    @property
    def anchor(self) -> str:
        """The heading as a name to jump to."""
        return "-".join("".join(c if c.isalnum() else " " for c in self.title.lower()).split())


@dataclass(frozen=True)
class Page:
    """A whole report."""

    title: str
    subtitle: str
    sections: Sequence[Section]
    about: Sequence[tuple[str, str]]
    """What it was made of and by: (word, value)."""
    banners: Sequence[Note] = ()
    """What must be read before any figure."""
