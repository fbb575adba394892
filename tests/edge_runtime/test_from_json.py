import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from edge_runtime.from_json import from_json


@dataclass(frozen=True)
class Point:
    at: float
    name: str = ""


@dataclass(frozen=True)
class Record:
    count: int
    is_on: bool
    colour: tuple[float, float, float]
    rows: tuple[tuple[float, ...], ...]
    points: Mapping[str, Point]
    best: Point | None = None
    rest: Mapping[str, Any] = field(default_factory=dict)


PLAIN: dict[str, Any] = {
    "count": 3,
    "is_on": True,
    "colour": [1, 2.5, 3],
    "rows": [[1.0], [], [2, 3]],
    "points": {"one": {"at": 1, "name": "first"}},
}
BUILT = Record(3, True, (1.0, 2.5, 3.0), ((1.0,), (), (2.0, 3.0)), {"one": Point(1.0, "first")})


def test_plain_values_become_the_dataclass_and_an_absent_field_its_default():
    assert from_json(Record, PLAIN) == BUILT


def test_a_record_survives_the_way_into_json_and_back():
    record = dataclasses.replace(BUILT, best=Point(0.5), rest={"any": [1, {"deep": None}]})
    assert from_json(Record, json.loads(json.dumps(dataclasses.asdict(record)))) == record


def test_a_whole_number_becomes_a_float_where_a_float_is_due():
    assert isinstance(from_json(Point, {"at": 1}).at, float)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"novelty": 1}, "unknown field novelty"),
        ({"count": 2.5}, "a whole number for count, found 2.5"),
        ({"count": True}, "a whole number for count, found True"),
        ({"count": None}, "a whole number for count, found None"),
        ({"is_on": 1}, "true or false for is_on"),
        ({"colour": [1, 2]}, "a list of 3 for colour"),
        ({"colour": [1, 2, "3"]}, r"a number for colour\[2\], found '3'"),
        ({"colour": [1, 2, 10**400]}, "a number that a float can hold"),
        ({"rows": 1}, "a list for rows"),
        ({"rows": [[1], 2]}, r"a list for rows\[1\]"),
        ({"points": [1]}, "values by name for points"),
        ({"points": {"one": {"name": "x"}}}, "no field points.one.at"),
        ({"points": {"one": {"at": 1, "by": 2}}}, "unknown field points.one.by"),
        ({"best": 5}, "named fields for best, found 5"),
        ({"best": {"at": 1, "name": 5}}, "a text for best.name, found 5"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(change, message):
    with pytest.raises(ValueError, match=message):
        from_json(Record, PLAIN | change)


@pytest.mark.parametrize("values", [None, [], "text", 1])
def test_what_is_no_record_at_all_is_refused(values):
    with pytest.raises(ValueError, match="expected named fields for the whole"):
        from_json(Record, values)


def test_a_missing_field_is_named():
    with pytest.raises(ValueError, match="no field count"):
        from_json(Record, {name: value for name, value in PLAIN.items() if name != "count"})
