"""What the checks may look at, handed to each of them: a test hands in a computer of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from edge_runtime.interpreters import AUTO

from .probe import Try, try_python


@dataclass(frozen=True)
class Look:
    """One visit of the doctor."""

    source: str | None = None
    """The source that is to be used; None: nobody said, and cameras are only listed."""
    folder: Path = Path()
    """Where records are to go."""
    model: str | None = None
    """A model file, or a shipped model's name."""
    interpreter: str = AUTO
    """What is to run it."""
    root: Path = Path("/")
    """Below it lie /proc, /sys, /dev, /etc and /run."""
    now: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    """This computer's own idea of the time."""
    try_: Try = try_python
    """Runs this Python in a process of its own."""
