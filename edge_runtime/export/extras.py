"""What of an export can be made here: whether the packages and libraries that a kind needs are installed."""

from __future__ import annotations

import ctypes.util
import functools
import importlib.util

from edge_runtime.errors import MissingDependency

from .kinds import EXTRAS, FILES, INSTALL, LIBRARIES


def check_extra(kind: str) -> None:
    """Raise MissingDependency where a package that a kind needs is not installed."""
    missing = [name for name in EXTRAS.get(kind, ()) if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingDependency(f"expected the package {missing[0]} for {kind}, found none; install it: {INSTALL}")


@functools.cache
def kinds_here() -> tuple[str, ...]:
    """Return the kinds that can be made here, as far as that shows without loading anything."""
    return tuple(kind for kind in FILES if _is_here(kind))


def _is_here(kind: str) -> bool:
    try:
        check_extra(kind)
    except MissingDependency:
        return False
    return all(ctypes.util.find_library(name) for name in LIBRARIES.get(kind, ()))
