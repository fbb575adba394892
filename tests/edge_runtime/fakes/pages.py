"""A page of HTML as its tags, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Page:
    """What a page is made of."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Name and attributes, in order."""

    def named(self, *names: str) -> list[dict[str, str]]:
        """The attributes of all tags of these names."""
        return [values for name, values in self.tags if name in names]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.tags.append((tag, {name: value or "" for name, value in attrs}))


def read_page(text: str) -> Page:
    """Return the tags of a page."""
    reader = _Reader()
    reader.feed(text)
    return reader.page
