"""Views find their places by what they share, and by nothing else."""

import cv2
import numpy as np
import pytest

from edge_runtime.export.features import match, points_of
from edge_runtime.export.graph import Edge
from edge_runtime.export.overlap import alike
from edge_runtime.export.registration import register
from edge_runtime.export.registration_search import Search
from edge_runtime.procedural import make_slide

VIEW = (180, 240)


@pytest.fixture(scope="module")
def slide():
    return cv2.cvtColor(make_slide(5, (700, 900)).rgb, cv2.COLOR_RGB2GRAY)


def _view(slide, x, y, seed=0, dirt=False):
    """A noisy view with light that falls off, and with the same specks in each where asked."""
    view = slide[y : y + VIEW[0], x : x + VIEW[1]].astype(np.float32)
    rows, columns = np.mgrid[-1 : 1 : VIEW[0] * 1j, -1 : 1 : VIEW[1] * 1j]
    view *= 1 - 0.2 * (rows**2 + columns**2)
    view += np.random.default_rng(seed).normal(0, 2, VIEW)
    if dirt:
        random = np.random.default_rng(99)
        for _ in range(40):
            centre = tuple(int(random.integers(5, side - 5)) for side in VIEW[::-1])
            cv2.circle(view, centre, int(random.integers(2, 5)), 40.0, -1)
    return np.clip(view, 0, 255).astype(np.uint8)


def test_an_overlap_gives_the_shift_to_a_fraction_of_a_px(slide):
    first, second = _view(slide, 300, 250), _view(slide, 450, 259, 1)
    found = match(points_of(first), points_of(second), first, second)
    assert found is not None
    assert np.hypot(found.x - 150, found.y - 9) < 0.3


def test_views_of_other_places_do_not_match(slide):
    first, second = _view(slide, 200, 250), _view(slide, 560, 250, 1)
    assert match(points_of(first), points_of(second), first, second) is None


def test_dirt_that_stays_where_it_is_makes_no_match(slide):
    first, second = _view(slide, 200, 250, dirt=True), _view(slide, 560, 250, 1, dirt=True)
    assert match(points_of(first), points_of(second), first, second) is None


def test_dirt_over_glass_makes_no_match():
    glass = np.full((700, 900), 240, np.uint8)
    first, second = _view(glass, 200, 250, dirt=True), _view(glass, 560, 250, 1, dirt=True)
    assert len(points_of(first).places) > 20
    assert match(points_of(first), points_of(second), first, second) is None


def test_a_field_that_was_come_back_to_finds_its_place_by_its_neighbours(slide):
    corners = [(200, 250), (350, 250), (200, 250)]
    views = [_view(slide, x, y, n) for n, (x, y) in enumerate(corners)]
    found = register(3, views.__getitem__)
    assert found.pieces == [[0, 1, 2]]
    assert np.hypot(*np.subtract(found.places[0], found.places[2])) < 0.5


def test_dirt_does_not_hide_a_match(slide):
    first, second = _view(slide, 300, 250, dirt=True), _view(slide, 430, 250, 1, dirt=True)
    found = match(points_of(first), points_of(second), first, second)
    assert found is not None
    assert np.hypot(found.x - 130, found.y) < 1.0


def test_glass_says_nothing(slide):
    glass = np.full(VIEW, 240, np.uint8)
    assert alike(glass, glass, 10, 0) is None
    assert match(points_of(glass), points_of(glass), glass, glass) is None


def test_views_in_any_order_find_their_places(slide):
    corners = [(x, y) for y in range(150, 451, 130) for x in range(150, 601, 150)]
    np.random.default_rng(3).shuffle(corners)
    views = [_view(slide, x, y, n) for n, (x, y) in enumerate(corners)]
    found = register(len(views), views.__getitem__)
    assert len(found.pieces) == 1
    places = np.array([found.places[n] for n in range(len(views))])
    true = np.array(corners) - corners[0]
    assert np.abs(places - places[0] - true).max() < 1.0


def test_a_view_without_a_picture_is_a_piece_of_its_own(slide):
    views = [_view(slide, 300, 250), None, _view(slide, 400, 250, 1)]
    assert register(3, views.__getitem__).pieces == [[0, 2], [1]]


def test_a_wrong_match_that_nothing_confirms_is_not_believed(slide):
    """Two groups, joined by one wrong match, by which views would overlap that show other tissue."""
    corners = [(150, 200), (250, 200), (150, 300), (450, 250), (560, 250)]
    views = [_view(slide, x, y, n) for n, (x, y) in enumerate(corners)]
    search = Search(5, views.__getitem__)
    search.try_all([(0, 1), (0, 2), (1, 2), (3, 4)])
    right = list(search.edges)
    assert len(right) == 4
    search.edges.append(Edge(2, 3, 60.0, -90.0, 9.0))
    search.leave_contradicted()
    assert search.edges == right
    assert len(search.dropped) == 1
