"""Dropped frames are counted by the sensor's timestamps; waits between two tries grow."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.cameras.gaps import GapCounter
from edge_runtime.cameras.trouble import Backoff
from tests.edge_runtime.fakes.failing import MS


@given(
    st.lists(st.integers(0, 4), min_size=40, max_size=120),
    st.integers(5, 400),
    st.integers(0, 2**32 - 1),
)
def test_dropped_frames_are_counted_from_gaps_whatever_the_jitter(
    missing: list[int], interval_ms: int, seed: int
) -> None:
    """While at least a third of the frames come on time, a jitter of 2 % of an interval changes nothing."""
    rng = random.Random(seed)
    missing = [0 if number % 3 == 0 or number < 8 else gap for number, gap in enumerate(missing)]
    counter, now, number, counted = GapCounter(), 0, 0, []
    for gap in missing:
        number += 1 + gap
        now = int(number * interval_ms * MS + rng.uniform(-0.02, 0.02) * interval_ms * MS)
        counted.append(counter.dropped_before(now))
    assert counted == missing


def test_the_cameras_own_interval_counts_from_the_first_gap_on() -> None:
    counter = GapCounter()
    assert [counter.dropped_before(at * MS, 40 * MS) for at in (0, 40, 160, 200)] == [0, 0, 2, 0]


def test_a_clock_that_starts_anew_or_is_missing_counts_nothing() -> None:
    counter = GapCounter()
    stamps = [0, 40, 80, 120, 160, 10, 50, None, 90, 5000]
    assert [counter.dropped_before(None if at is None else at * MS, 40 * MS) for at in stamps] == [0] * 9 + [122]
    counter.restart()
    assert counter.dropped_before(99_000 * MS, 40 * MS) == 0


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.5))
def test_waits_grow_to_the_cap_and_are_the_same_for_the_same_seed(seed: int, jitter: float) -> None:
    backoff = Backoff(0.5, 2.0, 15.0, jitter)
    waits, again = (backoff.waits(random.Random(seed)) for _ in range(2))
    found = [next(waits) for _ in range(12)]
    assert found == [next(again) for _ in range(12)]
    for number, seconds in enumerate(found):
        plain = min(15.0, 0.5 * 2**number)
        assert plain * (1 - jitter) - 1e-9 <= seconds <= min(15.0, plain * (1 + jitter)) + 1e-9
