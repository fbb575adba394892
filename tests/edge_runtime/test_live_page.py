"""The files of the live page: its words, its colours, its weight, and that it needs nothing from elsewhere."""

from __future__ import annotations

import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import edge_runtime.live
from edge_runtime.alarms import ALARMS
from edge_runtime.gates import reasons
from edge_runtime.live.instrument import STEPS
from edge_runtime.live.state import PHASES
from edge_runtime.live.state_parts import LEVELS
from edge_runtime.note import NOTE
from edge_runtime.session.options import KEEP

PAGE = Path(edge_runtime.live.__file__).with_name("page")
HTML = ("index.html", "login.html")
SCRIPTS = sorted(path.name for path in PAGE.glob("*.js"))
WORDS = json.loads((PAGE / "strings" / "en.json").read_text(encoding="utf-8"))
BRAND = "CancerNet Edge"
MOST_KB = 60
TOLD = ("data-t", "data-t-label", "data-t-title", "data-t-placeholder")


def text_of(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def without_comments(script: str) -> str:
    return re.sub(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", "", script, flags=re.S)


class Parts(HTMLParser):
    """What stands in a page: its words, its elements with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_data(self, data: str) -> None:
        self.words += [data.strip()] if data.strip() else []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def all_scripts() -> str:
    return "\n".join(without_comments(text_of(name)) for name in SCRIPTS)


def used_keys() -> tuple[set[str], set[str]]:
    """Return keys of words that the page names in full, and beginnings of keys that it puts together."""
    scripts = all_scripts()
    quoted = set(re.findall(r"""["']([a-z][\w-]*(?:\.[\w-]+)*)["']""", scripts))
    begun = set(re.findall(r"`([a-z][\w]*\.(?:[\w]+\.)*)\$\{", scripts))
    begun |= {f"{group}." for group in re.findall(r"""\btOf\(["']([\w.]+)["']""", scripts)}
    elements = [attrs for name in HTML for _, attrs in Parts(text_of(name)).elements]
    named = {value for attrs in elements for key, value in attrs.items() if key in TOLD}
    return quoted | {each for each in named if each}, begun


@pytest.mark.parametrize("name", HTML)
def test_the_html_has_no_words_of_its_own_but_the_name(name):
    parts = Parts(text_of(name))
    assert set(parts.words) == {BRAND}
    for _, attrs in parts.elements:
        assert not {"title", "placeholder", "aria-label", "alt"} & {key for key, value in attrs.items() if value}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_has_no_words_of_its_own(name):
    strings = re.findall(r"""["'`]([^"'`\n]*)["'`]""", without_comments(text_of(name)))
    sentences = [each for each in strings if re.search(r"[A-Z][a-z]+ [a-z]+|[a-z]{3,} [a-z]{2,} [a-z]{2,}", each)]
    assert not [each for each in sentences if not re.search(r"system-ui|px|rgb|button|\$\{", each)]


def test_every_word_that_the_page_asks_for_is_there():
    keys, begun = used_keys()
    groups = {key.partition(".")[0] for key in WORDS}
    missing = {key for key in keys if "." in key and key.partition(".")[0] in groups and key not in WORDS}
    assert {key for key in missing if f"{key}." not in begun} == set()
    assert all(any(key.startswith(begin) for key in WORDS) or begin == "point." for begin in begun)


def test_no_word_is_left_over():
    keys, begun = used_keys()
    assert [key for key in WORDS if key not in keys and not any(key.startswith(begin) for begin in begun)] == []


def test_words_that_count_have_a_singular_and_a_plural():
    for key, words in WORDS.items():
        assert isinstance(words, str) or set(words) == {"one", "other"}, key


def test_every_code_that_an_instrument_says_has_words():
    seen = {f"phase.{each}" for each in PHASES}
    seen |= {f"alarm.{each}{end}" for each in ALARMS for end in ("", ".do")}
    seen |= {f"reason.{each}{end}" for each in reasons.LOOKED_AT for end in ("", ".do")}
    seen |= {f"short.{each}" for each in reasons.LOOKED_AT}
    seen |= {f"reason.{each}" for each in (reasons.EDGE, reasons.UNREADABLE, reasons.UNKNOWN_SCALE, reasons.BAD_SCALE)}
    measures = (reasons.DENSITY, reasons.INK, reasons.DIRT, reasons.ROUGHNESS, reasons.SHARPNESS, reasons.LIGHT)
    measures += (reasons.CLIPPED, reasons.DISTANCE, reasons.SHIFT, reasons.ANISOTROPY)
    seen |= {f"measure.{each}" for each in measures}
    seen |= {f"gauge.{kind}.{level}" for kind in ("focus", "light", "tissue") for level in LEVELS}
    seen |= {f"step.{each}{end}" for each in STEPS for end in (".title", ".how.1", ".go")}
    seen |= {f"keep.{each}" for each in KEEP}
    assert sorted(seen - set(WORDS)) == []


def test_it_says_what_the_program_says_of_itself():
    assert WORDS["note"] == NOTE


@pytest.mark.parametrize("name", HTML)
def test_nothing_is_written_into_the_html_that_a_strict_policy_forbids(name):
    for tag, attrs in Parts(text_of(name)).elements:
        assert tag != "style" and "style" not in attrs
        assert not [key for key in attrs if key.startswith("on")]
        assert tag != "script" or attrs["src"]


def test_nothing_is_fetched_from_elsewhere():
    for path in [*PAGE.glob("*"), *PAGE.glob("strings/*")]:
        if path.is_file():
            found = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", without_comments(path.read_text(encoding="utf-8"))))
            assert found <= {"http://www.w3.org"}, path.name  # the name of SVG's namespace


def test_every_file_and_icon_that_is_named_is_there():
    text = "\n".join(text_of(path.name) for path in PAGE.glob("*") if path.suffix in (".html", ".js", ".css"))
    for name in set(re.findall(r"/page/([\w./-]+\.\w+)", text)) | set(re.findall(r'from "\./([\w.]+)"', text)):
        assert (PAGE / name).is_file(), name
    icons = set(re.findall(r'<symbol id="i-([\w-]+)"', text_of("icons.svg")))
    named = set(re.findall(r"#i-([\w-]+)\"", text)) | set(re.findall(r'\bicon\("([\w-]+)"', text))
    assert named <= icons
    assert {f"draw-{each}" for each in STEPS} <= icons
    assert set(LEVELS) <= icons


def test_it_weighs_little():
    files = [path for path in PAGE.rglob("*") if path.is_file() and not path.name.startswith("login")]
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) < MOST_KB * 1000


def themes() -> dict[str, dict[str, str]]:
    """Return the colours of each look, by their name."""
    found = {}
    for selector, body in re.findall(r"(:root[^{]*|\[data-theme[^{]*)\{([^}]*)\}", text_of("style.css")):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", body))
        if colours:
            found[f"{selector.strip()}#{len(found)}"] = colours
    return found


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return sum(weight * each for weight, each in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", themes())
def test_text_can_be_read_in_every_look(theme):
    colours = themes()[theme]
    on_ground = ("ink", "soft", "accent", "good", "poor", "bad", "unknown")
    pairs = [(name, under) for name in on_ground for under in ("ground", "card")]
    pairs += [("on-accent", "accent"), ("on-record", "record"), ("on-alarm", "alarm")]
    pairs += [("soft", "raised"), ("card", "ink")]
    for one, other in pairs:
        assert contrast(colours[one], colours[other]) >= 4.5, f"{one} on {other}"


def test_as_the_phone_is_light_or_dark_like_those_two():
    light, dark, sun, dark_phone = themes().values()
    assert dark_phone == dark and light != dark != sun
