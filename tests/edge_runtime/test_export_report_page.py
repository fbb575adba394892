"""How a report's page is made: for screen readers, for black and white print, for eyes that see few colours."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest

pytest.importorskip("jinja2", reason="needs the extra `export`")
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.alarms import LAMP_DIM, Alarm
from edge_runtime.errors import MissingDependency
from edge_runtime.export import report_words as words
from edge_runtime.export.placing import place
from edge_runtime.export.report import write_report
from edge_runtime.export.report_cells import cells_of, hatch_of, outline_of
from edge_runtime.export.report_legend import legend_of
from edge_runtime.export.report_model import limits_of
from edge_runtime.session.reading import read_session
from edge_runtime.sinks.colours import level_of, scale_lut
from tests.edge_runtime.fakes.pages import read_page
from tests.edge_runtime.fakes.reported import GLASS, lost, record, seen_field
from tests.edge_runtime.fakes.sessions import small_model

LEAST_CONTRAST = 4.5
"""Of text, by WCAG 2.2, level AA."""


@pytest.fixture(scope="module")
def text(tmp_path_factory, lean):
    """A report with a bit of everything."""
    root = tmp_path_factory.mktemp("reported")
    alarm = (Alarm(LAMP_DIM, 0.8, 0.9),)
    frames = [
        seen_field(0, [[0.9, 0.1, "out_of_focus"], [GLASS, 0.5, "no_data"]]),
        seen_field(1, [[0.6, 0.2]], origin_xy=(130, 0), alarms=alarm),
        lost(2),
    ]
    folder = record(root, small_model(lean), frames, marks={1: "a note"})
    with read_session(folder) as session:
        write_report(session, place(session), root / "report.html")
    return (root / "report.html").read_text("utf-8")


@pytest.fixture(scope="module")
def page(text):
    return read_page(text)


def test_it_tells_its_language_its_title_and_its_width(page):
    assert page.named("html")[0]["lang"] == "en"
    assert len(page.named("title")) >= 1 and len(page.named("main")) == 1
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.named("meta")


def test_headings_go_down_by_one_step_and_one_is_the_first(page):
    levels = [int(name[1]) for name, _ in page.tags if re.fullmatch(r"h[1-6]", name)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_picture_has_words(page):
    assert all(values.get("alt") for values in page.named("img"))
    for values in page.named("svg"):
        assert values.get("aria-hidden") == "true" or (values["role"] == "img" and values["aria-label"])


def test_every_table_has_headers_that_say_what_they_are_of(page, text):
    assert page.named("table") and all(values.get("scope") in ("col", "row") for values in page.named("th"))
    assert text.count("<thead>") == len(page.named("table"))


def test_names_are_given_once_and_every_jump_has_an_end(page):
    names = [values["id"] for _, values in page.tags if "id" in values]
    assert len(names) == len(set(names))
    jumps = {values["href"][1:] for values in page.named("a")}
    assert jumps and jumps <= set(names)


def test_text_stands_out_from_what_lies_behind_it(text):
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6})", text))
    papers = [found["paper"], found["card"], found["warn"], "#eef5f7", "#ffffff"]
    for ink, paper in itertools.product([found["ink"], found["soft"], found["accent"]], papers):
        assert _contrast(ink, paper) >= LEAST_CONTRAST, (ink, paper)
    assert _contrast("#ffffff", found["ink"]) >= LEAST_CONTRAST


def test_what_is_called_and_what_was_refused_is_told_without_colour(text):
    field = text[text.index('class="heat"') :]
    field = field[: field.index("</svg>")]
    assert re.findall(r">(\d\.\d\d|[A-Z]{2})</text>", field) == ["0.90", "OF", "GL", "0.50"]
    assert field.count("<rect") - field.count('rx="') == 3  # a colour for each tile that was judged, none for others
    assert field.count('stroke="#ffec3d"') == 1 and field.count('stroke="#202124"') == 3  # outline, hatch, scale bar


@given(rows=st.integers(1, 5), columns=st.integers(1, 6))
def test_cells_meet_and_never_overlap(rows, columns):
    cells = cells_of(_stored([[0.5] * columns] * rows), "idc")
    area = sum(cell.width * cell.height for cell in cells)
    assert area == pytest.approx((48 * rows + 2) * (48 * columns + 2) * 16)
    for one, other in itertools.combinations(cells, 2):
        wide = min(one.right, other.right) - max(one.left, other.left)
        high = min(one.bottom, other.bottom) - max(one.top, other.top)
        assert wide <= 1e-6 or high <= 1e-6


@given(st.lists(st.lists(st.sampled_from([0.1, 0.9]), min_size=3, max_size=3), min_size=1, max_size=4))
def test_the_outline_is_the_border_of_what_is_called(tiles):
    called = np.pad(np.array(tiles) > 0.5, 1)
    sides = int((called[1:] != called[:-1]).sum() + (called[:, 1:] != called[:, :-1]).sum())
    assert outline_of(cells_of(_stored(tiles), "idc")).count("M") == sides


def test_only_tissue_that_was_not_judged_is_hatched():
    cells = cells_of(_stored([["out_of_focus", GLASS, "no_data", 0.2]]), "idc")
    assert hatch_of(cells) == hatch_of(cells[:1]) and hatch_of(cells).count("M") == 7
    assert [cell.is_hole for cell in cells] == [False, False, True, False]


def test_a_cell_has_the_colour_that_overlays_have():
    (cell,) = cells_of(_stored([[0.7]]), "idc")
    colours, opacity = scale_lut()
    assert cell.colour == "#{:02x}{:02x}{:02x}".format(*colours[level_of(np.float32(0.7))])
    assert cell.opacity == round(float(opacity[level_of(0.7)]) / 255, 3)


def test_colours_of_the_legend_differ_for_eyes_without_red_or_green():
    colours = [_rgb(each) for each in legend_of("0.35").colours]
    for matrix in (_DEUTERANOPIA, _PROTANOPIA):
        seen = np.clip(np.array(colours) @ matrix.T, 0, 1)
        assert np.linalg.norm(seen[0] - seen[-1]) > 0.3 and np.linalg.norm(seen[0] - seen[20]) > 0.12


@given(st.floats(0, 1))
def test_a_probability_is_never_written_as_a_certainty(value):
    assert words.probability(value) not in ("0.00", "1.00")


@given(whole=st.integers(1, 10**7), part=st.integers(0, 10**7))
def test_only_the_whole_is_a_hundred_percent_and_only_nothing_is_none(whole, part):
    part = min(part, whole)
    assert (words.share(part, whole) == "100 %") == (part == whole)
    assert (words.share(part, whole) == "0.0 %") == (part == 0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-21T12:00:03+01:00", "2026-11-21 11:00:03 UTC"),
        (None, words.DASH),
        ("", words.DASH),
        ("noon", "noon"),
    ],
)
def test_moments_are_told_in_utc(text, said):
    assert words.moment(text) == said


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("2026-11-21T13:01:00+00:00", "1 h 1 min"),
        ("2026-11-21T12:00:00+00:00", "0 s"),
        ("2026-11-21T11:00:00+00:00", words.DASH),
        (None, words.DASH),
        ("2026-11-21T12:00:05", words.DASH),
    ],
)
def test_a_duration_that_cannot_be_is_a_dash(end, said):
    assert words.duration("2026-11-21T12:00:00+00:00", end) == said


def test_the_limits_of_a_card_are_its_points_whole():
    card = "# m\n\n## Limits\n- One archive,\n  one `scanner`.\n- Glass.\n\n## More\n- not this\n"
    assert limits_of(card) == ["One archive, one scanner.", "Glass."]
    assert limits_of("no such part") == []


def test_without_jinja_it_says_what_to_install(tmp_path, lean, monkeypatch):
    folder = record(tmp_path, small_model(lean), [seen_field(0, [[0.9]])])
    monkeypatch.setitem(__import__("sys").modules, "jinja2", None)
    with read_session(folder) as session, pytest.raises(MissingDependency, match=r"cancernet-edge\[export\]"):
        write_report(session, None, tmp_path / "report.html")


def _stored(tiles):
    """A frame as a session gives it back, of tiles row by row."""
    import json
    import types

    from edge_runtime.session.stored import StoredTile

    _, result = seen_field(0, tiles)
    columns = len(tiles[0])
    stored = tuple(
        StoredTile(n // columns, n % columns, tile, None, None, None, None) for n, tile in enumerate(result.tiles)
    )
    return types.SimpleNamespace(record=json.loads(json.dumps(result.to_json())), tiles=stored)


def _rgb(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    values = np.array([int(digits[n : n + 2], 16) for n in (0, 2, 4)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _contrast(one, other):
    light, dark = sorted((float(_rgb(each) @ [0.2126, 0.7152, 0.0722]) for each in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


# Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB
_DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)
_PROTANOPIA = np.array(
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
)
