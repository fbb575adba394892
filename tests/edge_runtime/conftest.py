"""What the tests of cameras share."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_runtime.export import extras, kinds
from tests.edge_runtime.fakes.failing import attendants


@pytest.fixture
def no_thread_is_left() -> Iterator[None]:
    """Every camera's thread that a test starts ends with it."""
    before = set(attendants())
    yield
    for thread in set(attendants()) - before:
        thread.join(10)
    assert set(attendants()) <= before


@pytest.fixture
def no_pdf(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A computer on which no PDF can be made."""
    monkeypatch.setitem(kinds.EXTRAS, kinds.PDF, ("no_such_package",))
    extras.kinds_here.cache_clear()
    yield
    extras.kinds_here.cache_clear()


@pytest.fixture
def quick_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is such a place: a sync takes no time there, and some tests need thousands."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        yield Path(folder)
