"""Put pieces that have no place to each other beside each other, with a gap, so that nobody takes them for one."""

from __future__ import annotations

import math
from collections.abc import Sequence

GAP_UM = 400.0
"""Between pieces: two tiles."""


def beside(sizes: Sequence[tuple[float, float]], gap: float = GAP_UM) -> list[tuple[float, float]]:
    """Return (left, top) of each piece of (width, height), in order: rows of about the shape of a screen."""
    area = sum((width + gap) * (height + gap) for width, height in sizes)
    room = max(max(width for width, _ in sizes), math.sqrt(area * 1.5))
    found = []
    left = top = tall = 0.0
    for width, height in sizes:
        if left and left + width > room:
            left, top, tall = 0.0, top + tall + gap, 0.0
        found.append((left, top))
        left, tall = left + width + gap, max(tall, height)
    return found
