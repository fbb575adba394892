"""Build dataclasses from plain values, as JSON holds them; the types of their fields say how each is read."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Built = TypeVar("Built")

_LEAVES: dict[object, tuple[tuple[type, ...], str]] = {
    float: ((int, float), "a number"),
    int: ((int,), "a whole number"),
    str: ((str,), "a text"),
    bool: ((bool,), "true or false"),
}


def from_json(kind: type[Built], values: Any) -> Built:
    """Return the dataclass `kind` of the values that json.loads gives; an absent field takes its default.

    Fields are numbers, texts, tuples, mappings by name, other dataclasses, or any of these or None. Raises ValueError,
    naming the field, where one without a default is absent, one is unknown, or a value is of another type.
    """
    found: Built = _dataclass(kind, values, "")
    return found


def _dataclass(kind: Any, values: Any, place: str) -> Any:
    if not isinstance(values, dict):
        raise _unfit("named fields", values, place)
    fields = {field.name: field for field in dataclasses.fields(kind)}
    if unknown := sorted(values.keys() - fields.keys()):
        raise ValueError(f"unknown field {_below(place, unknown[0])}")
    for name, field in fields.items():
        optional = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
        if name not in values and not optional:
            raise ValueError(f"no field {_below(place, name)}")
    types_of = get_type_hints(kind)
    return kind(**{name: _value(types_of[name], value, _below(place, name)) for name, value in values.items()})


def _value(kind: Any, value: Any, place: str) -> Any:
    origin, parts = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin in (Union, types.UnionType):
        rest = [part for part in parts if part is not types.NoneType]
        return None if value is None else _value(rest[0], value, place)
    if dataclasses.is_dataclass(kind):
        return _dataclass(kind, value, place)
    if origin is tuple:
        return _tuple(parts, value, place)
    if origin is Mapping:
        if not isinstance(value, dict):
            raise _unfit("values by name", value, place)
        return {name: _value(parts[1], part, _below(place, name)) for name, part in value.items()}
    accepted, words = _LEAVES[kind]
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise _unfit(words, value, place)
    try:
        return kind(value)
    except OverflowError as error:
        raise _unfit("a number that a float can hold", value, place) from error


def _tuple(parts: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    kinds = parts
    if isinstance(value, list) and parts[-1] is Ellipsis:
        kinds = (parts[0],) * len(value)
    if not isinstance(value, list) or len(value) != len(kinds):
        raise _unfit("a list" if parts[-1] is Ellipsis else f"a list of {len(parts)}", value, place)
    return tuple(_value(kind, part, f"{place}[{n}]") for n, (kind, part) in enumerate(zip(kinds, value, strict=True)))


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _unfit(expected: str, value: Any, place: str) -> ValueError:
    return ValueError(f"expected {expected} for {place or 'the whole'}, found {value!r:.80}")
