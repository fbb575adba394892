import pytest

from benchmarks.pareto import Point, draw, front, points_of
from edge_runtime.errors import BadInput


def point(name: str, auc: float, microseconds: float) -> Point:
    return Point(name, auc, auc - 0.02, auc + 0.02, 1.0, microseconds)


def records(timed_sha: str = "a"):
    scores = {"scores": {"auc": 0.9}, "intervals": {"auc": [0.88, 0.92]}, "multiply_accumulates": 5_000_000}
    accuracy = {"benchmark": "accuracy", "models": [{"model": "lean int8", "sha256": "a"} | scores]}
    tiles = [{"model": "lean int8", "threads": n, "microseconds": {"median": 30.0 / n}} for n in (1, 2)]
    models = [{"model": "lean int8", "sha256": timed_sha, "dtype": "int8"}]
    return accuracy, {"benchmark": "latency", "tiles": tiles, "models": models}


def test_a_model_that_is_slower_and_no_better_is_not_on_the_front():
    slow, fast, best = point("slow", 0.92, 100), point("fast", 0.94, 20), point("best", 0.95, 50)
    assert front([slow, best, fast]) == [fast, best]


def test_accuracy_and_one_threads_time_of_the_same_file_make_a_point():
    assert points_of(*records()) == [Point("lean int8", 0.9, 0.88, 0.92, 5.0, 30.0)]


def test_records_of_other_files_are_refused():
    with pytest.raises(BadInput, match="same int8 model files"):
        points_of(*records(timed_sha="b"))


def test_records_in_the_wrong_order_are_refused():
    with pytest.raises(BadInput, match="in this order"):
        points_of(*reversed(records()))


def test_the_picture_names_every_model():
    pytest.importorskip("matplotlib")
    picture = draw([point("slow", 0.92, 100), point("fast", 0.94, 20)])
    assert picture.startswith(b"<?xml")
    assert picture.count(b"<!-- 1 fast -->") == picture.count(b"<!-- 2 slow -->") == 1
