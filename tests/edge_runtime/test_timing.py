import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.timing import Spread, Spreads, Stopwatch


def spread_of(values):
    spread = Spread()
    for value in values:
        spread.add(value)
    return spread


@given(st.lists(st.floats(0.002, 1e6), min_size=1, max_size=200), st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_off_by_little_more_than_a_percent(values, share):
    exact = float(np.quantile(values, share, method="inverted_cdf"))
    assert spread_of(values).quantile(share) == pytest.approx(exact, rel=0.0111)


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=50))
def test_quantiles_never_fall_nor_exceed_the_longest(values):
    found = spread_of(values)
    quantiles = [found.quantile(share) for share in (0.1, 0.5, 0.9, 1.0)]
    assert quantiles == sorted(quantiles) and quantiles[-1] <= max(values)


def test_its_size_does_not_grow_with_what_it_counts():
    few, many = spread_of([1.0]), spread_of([float(n) for n in range(1, 5000)])
    assert len(few._bins) == len(many._bins)
    assert many.to_json()["count"] == 4999


def test_nothing_has_no_quantile():
    assert math.isnan(Spread().quantile(0.5))


def test_stages_stand_in_the_order_in_which_they_came():
    spreads = Spreads()
    for stage, spent in (("scale", 4.0), ("gates", 1.0), ("scale", 4.0)):
        spreads.add(stage, spent)
    found = spreads.to_json()
    assert list(found) == ["scale", "gates"]
    assert found["scale"]["count"] == 2 and found["scale"]["p50"] == pytest.approx(4.0, rel=0.0111)


def test_a_lap_is_the_time_since_the_lap_before():
    times = iter([10.0, 10.5, 12.0])
    watch = Stopwatch(lambda: next(times))
    watch.lap("scale")
    watch.lap("network")
    assert watch.milliseconds == {"scale": 500.0, "network": 1500.0}
