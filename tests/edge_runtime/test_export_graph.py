"""Places from pairs: exact where pairs agree, and wrong pairs are found by the loops that they break."""

import dataclasses

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.export.graph import Edge, between, consistent, errors, pieces_of, solve
from edge_runtime.export.layout import GAP_UM, beside


def _grid(rows, columns, noise=0.0, seed=0):
    """Places of views on a grid, and an edge between any two that are neighbours."""
    random = np.random.default_rng(seed)
    places = np.array([(column * 300.0, row * 200.0) for row in range(rows) for column in range(columns)])
    places += random.uniform(-20, 20, places.shape)
    places -= places[0]
    edges = []
    for n in range(rows * columns):
        for other in ([n + 1] if (n + 1) % columns else []) + ([n + columns] if n + columns < len(places) else []):
            x, y = places[other] - places[n] + random.normal(0, noise, 2)
            edges.append(Edge(n, other, x, y, 1.0))
    return places, edges


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 1000))
def test_pairs_that_agree_give_the_places_back(rows, columns, seed):
    places, edges = _grid(rows, columns, seed=seed)
    found = solve(range(len(places)), edges)
    assert np.allclose(found, places, atol=1e-6)
    assert consistent(len(places), edges, 5.0)[1] == []


def test_errors_of_pairs_are_spread_over_the_loops():
    places, edges = _grid(6, 6, noise=1.0)
    found = solve(range(36), edges)
    assert np.hypot(*(found - places).T).max() < 3.0  # one way alone would add up to more
    assert errors(found, range(36), edges).max() < 4.0


@given(st.integers(0, 10_000))
def test_a_wrong_pair_within_the_slide_is_found_and_the_places_stay_right(seed):
    places, edges = _grid(4, 5, noise=0.1, seed=seed)
    corners = {0, 4, 15, 19}  # where one loop alone is broken, nobody can tell which of its pairs is wrong
    inner = [n for n, edge in enumerate(edges) if not {edge.first, edge.second} & corners]
    wrong = int(np.random.default_rng(seed).choice(inner))
    edges[wrong] = dataclasses.replace(edges[wrong], x=edges[wrong].x + 120.0, weight=3.0)
    kept, dropped = consistent(20, edges, 5.0)
    assert [edges.index(edge) for edge in dropped] == [wrong]
    assert np.hypot(*(solve(range(20), kept) - places).T).max() < 1.0


def test_views_without_a_pair_are_pieces_of_their_own():
    edges = [Edge(0, 1, 1, 0, 1), Edge(3, 4, 1, 0, 1), Edge(4, 5, 1, 0, 1)]
    assert pieces_of(7, edges) == [[3, 4, 5], [0, 1], [2], [6]]


def test_a_bridge_is_what_alone_connects_two_views():
    loop = [Edge(0, 1, 1, 0, 1), Edge(1, 2, 1, 0, 1), Edge(0, 2, 2, 0, 1)]
    bridge = Edge(2, 3, 1, 0, 1)
    assert between([*loop, bridge], (0, 3)) == [bridge]
    assert between([*loop, bridge], (0, 2)) == []


@given(st.lists(st.tuples(st.floats(1, 3000), st.floats(1, 3000)), min_size=1, max_size=30))
def test_pieces_lie_apart_by_the_gap(sizes):
    corners = beside(sizes)
    for n, ((x, y), (w, h)) in enumerate(zip(corners, sizes, strict=True)):
        for (x2, y2), (w2, h2) in list(zip(corners, sizes, strict=True))[n + 1 :]:
            assert (
                x + w + GAP_UM <= x2 + 1e-6
                or x2 + w2 + GAP_UM <= x + 1e-6
                or (y + h + GAP_UM <= y2 + 1e-6 or y2 + h2 + GAP_UM <= y + 1e-6)
            )
