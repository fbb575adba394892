"""Deal patients to the sides train, val and test by a seed, with the classes spread alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge_runtime.errors import BadInput

from .patch_index import BY_TILE, OK, IndexRow
from .splits import SIDES, Side, known_group

TEST_SHARE, VAL_SHARE = 0.2, 0.1
"""Of all groups, and of those that are not for test: 72/8/20."""
_DEALS = 1000
"""Random deals of the groups to choose from; of 225 groups, shares of tiles then come within 1.5 points."""
_MANY = 10_000
"""Groups from which on few deals do: their shares hardly differ."""


def seeded_splits(rows: Sequence[IndexRow], seed: int) -> dict[str, Side]:
    """Put a fifth of the groups on test and a tenth of the rest on val, with the classes spread alike: 72/8/20.

    Few groups give coarser shares; refuses fewer than three.
    """
    usable = [row for row in rows if row.status == OK]
    names, units = np.unique([known_group(row.patient_id) for row in usable], return_inverse=True)
    if len(names) < len(SIDES):
        raise BadInput(
            f"expected at least {len(SIDES)} patients to split, found {len(names)}; add patients, or give --splits"
        )
    labels = np.array([row.label for row in usable])
    sides = _deal_rows(labels, seed) if len(names) == len(usable) else _deal_groups(labels, units, seed)[units]
    return {
        row.patient_id: Side(str(side), str(names[unit])) for row, side, unit in zip(usable, sides, units, strict=True)
    }


def tear_patients_apart(rows: Sequence[IndexRow], seed: int) -> list[IndexRow]:
    """Split tile by tile, whatever patient they are of: only to show how much that flatters. The index records it."""
    sides = iter(_deal_rows(np.array([row.label for row in rows if row.status == OK]), seed).tolist())
    return [dataclasses.replace(row, split=next(sides) if row.status == OK else "", split_by=BY_TILE) for row in rows]


def _deal_groups(labels: NDArray[np.int_], units: NDArray[np.int_], seed: int) -> NDArray[np.str_]:
    """Return the side of each group: of many random deals the one that spreads the classes most alike.

    Shares of groups are exact, and those of tiles close. (scikit-learn's StratifiedGroupKFold balances tiles alone: of
    226 slides its val side had 5, the largest ones, where 18 are due.)
    """
    count = int(units.max()) + 1
    tiles = np.stack([np.bincount(units[labels == label], minlength=count) for label in (0, 1)], axis=1)
    shares = tiles / tiles.sum(axis=0)
    sizes, random = _sizes(count), np.random.default_rng(seed)
    sides, wanted = np.repeat(SIDES, sizes), np.array(sizes)[:, None] / count
    best, least = sides, np.inf
    for _ in range(_DEALS if count < _MANY else _DEALS // 100):
        dealt = random.permutation(sides)
        found = np.stack([shares[dealt == side].sum(axis=0) for side in SIDES])
        off = float(np.abs(found - wanted).max() + (found == 0).sum())  # a side without a class is the last choice
        if off < least:
            best, least = dealt, off
    return best


def _deal_rows(labels: NDArray[np.int_], seed: int) -> NDArray[np.str_]:
    """Return the side of each row, by class, nothing kept together; refuses fewer than three of a class."""
    sides, random = np.empty(len(labels), "<U5"), np.random.default_rng(seed)
    for label in (0, 1):
        members = np.flatnonzero(labels == label)
        if len(members) < len(SIDES):
            raise BadInput(
                f"expected a tile of each class for each side, found {len(members)} of class {label}; add some"
            )
        sides[members] = random.permutation(np.repeat(SIDES, _sizes(len(members))))
    return sides


def _sizes(count: int) -> tuple[int, int, int]:
    """Return how many of `count` go to train, val and test; none goes empty from three on."""
    test = max(1, round(count * TEST_SHARE))
    val = max(1, round((count - test) * VAL_SHARE))
    return count - test - val, val, test
