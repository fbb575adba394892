"""What the tests of cameras share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.edge_runtime.fakes.failing import attendants


@pytest.fixture
def no_thread_is_left() -> Iterator[None]:
    """Every camera's thread that a test starts ends with it."""
    before = set(attendants())
    yield
    for thread in set(attendants()) - before:
        thread.join(10)
    assert set(attendants()) <= before
