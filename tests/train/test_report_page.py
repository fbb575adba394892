import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest
from markupsafe import Markup

from train.leak_banner import leak_banner
from train.patch_index import BY_TILE
from train.report.blocks import Fact, Facts, Gallery, Note, Page, Picture, Row, Section, Stack, Table
from train.report.page import render, write_report
from train.report.pictures import NO_TILE, grid_picture, jpeg_uri, png_uri
from train.report.plots import draw
from train.report.words import bounds, number, percent, signed, with_bounds

VOID = {"meta", "img", "br"}


class Checker(HTMLParser):
    """Holds tags against one another, and gathers what a browser would look up."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.ids, self.wanted, self.texts = [], [], [], [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.seen.append((tag, values))
        self.ids += [values["id"]] if "id" in values and tag not in ("path", "clippath") else []
        self.wanted += [values[key] for key in ("src", "href", "xlink:href", "action", "srcset") if key in values]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def check(html):
    """Return a page's parts after holding it to what every report promises."""
    checker = Checker()
    checker.feed(html)
    assert checker.open == [] and len(set(checker.ids)) == len(checker.ids)
    assert all(where.startswith(("#", "data:image/")) for where in checker.wanted)
    assert not re.findall(r"url\((?!#|'#)", html) and "@import" not in html and "<script" not in html
    assert all(values["alt"] for tag, values in checker.seen if tag == "img")
    return checker


def page(**changes):
    tile = Picture(png_uri(np.zeros((5, 5, 3), np.uint8)), "a tile")
    plot = draw(lambda axes: axes.plot([0, 1], [0, 1], label="<line>"), "A plot & more")
    blocks = [
        Facts([Fact("AUC", "0.9", "0.8 to 1.0")]),
        Row([plot, Stack([plot, Note("words")])]),
        Table(("name", "value"), [("a", "1")], "a table"),
        Table(("name", "value"), [("a", "1")], "folded", folded=True),
        Gallery([tile, tile], "tiles"),
    ]
    values = {"title": "A title", "subtitle": "of <things>", "sections": [Section("One & two", blocks)], "about": []}
    return Page(**values | changes)


def test_a_page_is_whole_html_that_needs_nothing_from_anywhere():
    html = render(page())
    checker = check(html)
    assert html.startswith("<!doctype html>") and "viewport" in html
    assert {"svg", "table", "details", "figure", "nav"} <= {tag for tag, _ in checker.seen}
    assert ("a", {"href": "#one-two"}) in checker.seen and "one-two" in checker.ids


def test_words_are_escaped_and_markup_is_not():
    html = render(page(subtitle="<script>alert(1)</script>", banners=[Note(Markup("<b>bold</b>"))]))
    check(html)
    assert "&lt;script&gt;" in html and "<b>bold</b>" in html


def test_the_same_page_gives_the_same_bytes():
    assert render(page()) == render(page())


def test_a_split_by_tile_is_told_in_red_before_any_figure():
    html = render(page(banners=[leak_banner(BY_TILE)]))
    assert html.index('class="note leak" role="alert"') < html.index("<main>")
    assert "LEAKY SPLIT" in html and ".leak {" in html and "--red" in html


def test_figures_lie_beside_the_page_and_nan_is_refused(tmp_path):
    html, figures = write_report(tmp_path / "new", "name", page(), {"auc": 0.5})
    assert (html.name, figures.name) == ("name.html", "name.json") and '"auc": 0.5' in figures.read_text()
    with pytest.raises(ValueError):
        write_report(tmp_path, "other", page(), {"auc": float("nan")})


def test_a_picture_of_a_grid_has_a_pixel_a_tile_and_paper_where_none_is():
    xs, ys, colours = np.array([101, 151]), np.array([51, 101]), np.array([[1, 2, 3], [4, 5, 6]], np.uint8)
    assert grid_picture(xs, ys, colours, 50).tolist() == [[[1, 2, 3], list(NO_TILE)], [list(NO_TILE), [4, 5, 6]]]


def decoded(uri):
    import base64

    data = np.frombuffer(base64.b64decode(uri.split(",")[1]), np.uint8)
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]


def test_a_png_keeps_every_pixel_and_a_large_jpeg_is_reduced():
    rgb = np.random.default_rng(0).integers(0, 256, (50, 40, 3), np.uint8)
    assert np.array_equal(decoded(png_uri(rgb)), rgb)
    assert decoded(jpeg_uri(rgb.repeat(4, 0), 100)).shape == (100, 20, 3)


def test_numbers_are_written_with_a_true_minus_and_a_dash_for_what_is_not_there():
    assert (number(-0.1234), number(None), number(float("nan")), signed(0.5)) == ("−0.123", "–", "–", "+0.500")
    assert (percent(0.125), bounds((-0.1, 0.2), 1)) == ("12.5 %", "−0.1 to 0.2")
    assert with_bounds(0.5, (0.4, 0.6)) == "0.500 <small>0.400 to 0.600</small>" and with_bounds(0.5, None) == "0.500"


def test_a_network_of_a_leaky_split_is_named_where_the_tiles_that_it_reads_are_split_by_patient():
    assert "mine (lean float) was trained on a split by tile" in leak_banner(BY_TILE, "mine (lean float)").text
    assert "This split is by tile" in leak_banner(BY_TILE).text
