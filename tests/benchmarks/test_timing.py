import numpy as np
import pytest

from benchmarks.timing import Plan, Samples, race, ratio, spread


class FakeClock:
    """Nanoseconds that move only when a contestant spends them."""

    def __init__(self):
        self.now = 0

    def __call__(self):
        return self.now

    def spends(self, nanoseconds, log=None, name=""):
        def call():
            self.now += nanoseconds
            if log is not None:
                log.append(name)
            return name

        return call


def samples(*rounds):
    return Samples(np.array(rounds, np.int64))


def test_each_timed_call_is_booked_on_its_contestant():
    clock = FakeClock()
    timed = race({"slow": clock.spends(300), "fast": clock.spends(100)}, Plan(4, calls=3, settle=2), clock)
    assert timed["slow"].nanoseconds.tolist() == [[300] * 3] * 4
    assert timed["fast"].nanoseconds.tolist() == [[100] * 3] * 4


def test_contestants_take_turns_and_each_round_begins_with_another():
    log, clock = [], FakeClock()
    calls = {name: clock.spends(1, log, name) for name in "abc"}
    race(calls, Plan(3, calls=1, settle=0, warmup=0), clock)
    assert "".join(log) == "abc" + "bca" + "cab"


def test_warm_up_and_settling_calls_are_made_but_not_counted():
    log, clock = [], FakeClock()
    timed = race({"a": clock.spends(1, log, "a")}, Plan(rounds=2, calls=3, settle=4, warmup=1), clock)
    assert len(log) == 3 * (4 + 3)
    assert timed["a"].nanoseconds.size == 2 * 3
    assert timed["a"].values == ["a"] * 6


def test_a_race_without_contestants_is_over_at_once():
    assert race({}, Plan(2), FakeClock()) == {}


def test_a_spread_tells_median_tail_least_and_count():
    found = spread(np.arange(1, 102, dtype=float).reshape(1, -1))
    assert found == {"median": 51, "p90": 91, "p99": 100, "min": 1, "count": 101}


def test_a_busy_round_that_met_both_leaves_the_ratio_over_rounds_alone():
    slow_minutes = np.array([1, 1, 5, 5, 1])
    half, whole = samples(*[[50 * m] for m in slow_minutes]), samples(*[[100 * m] for m in slow_minutes])
    assert ratio(half, whole) == {"of_medians": 0.5, "median_of_rounds": 0.5, "rounds_p10": 0.5, "rounds_p90": 0.5}


def test_a_busy_round_that_met_one_shows_in_the_range_of_rounds():
    found = ratio(samples([50], [50], [50], [500]), samples([100], [100], [100], [100]))
    assert found["median_of_rounds"] == 0.5
    assert found["rounds_p90"] > 1


def test_samples_speak_in_microseconds_and_milliseconds():
    found = samples([1_500_000])
    assert found.milliseconds[0, 0] == pytest.approx(1.5)
    assert found.microseconds[0, 0] == pytest.approx(1500)
