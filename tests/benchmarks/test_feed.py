import importlib.util

import numpy as np
import pytest

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
    pytest.mark.filterwarnings("default"),
]


def test_noise_is_mapped_and_the_same_every_time(tmp_path):
    from benchmarks.feed_tiles import mapped_noise

    one, other = mapped_noise(tmp_path / "a.npy", 8), mapped_noise(tmp_path / "b.npy", 8)
    assert isinstance(one.tiles, np.memmap) and np.array_equal(one.tiles, other.tiles) and one.tiles.std() > 50


def test_feeding_is_raced_against_a_cached_batch_and_shown_as_a_table(tmp_path, monkeypatch):
    from benchmarks import feed
    from benchmarks.feed_tiles import mapped_noise
    from benchmarks.record import to_markdown
    from train.recipe import Recipe

    monkeypatch.setattr(feed, "open_crew", lambda threads: None)  # threads are fixed for the whole process
    rounds = []
    recipe = Recipe("tiny", batch=4)
    record = feed.measure_feed(
        recipe, mapped_noise(tmp_path / "noise.npy", 8), 9, 2, 1, "today", lambda: rounds.append(1)
    )
    assert record["steps"] == 2 and len(rounds) == 3
    assert [row["fed"] for row in record["rows"]] == [feed.CACHED, feed.AS_TRAINED, feed.ALL_ON]
    assert all(row["milliseconds_a_step"]["count"] == 2 for row in record["rows"])
    assert all(row["against"] == feed.CACHED and row["median_of_rounds"] > 0 for row in record["ratios"])
    lines = to_markdown(record).splitlines()
    shown = next(line for line in lines if line.startswith(f"| {feed.AS_TRAINED}"))
    assert f"{record['ratios'][0]['median_of_rounds']:.3f}" in shown
