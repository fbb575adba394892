"""Who may come in where many hold connections: the oldest that nothing was heard of makes room for the next.

With uvicorn's `limit_concurrency` a few clients that never ask would lock everybody out. Here the connections that
nothing was heard of yet are few, and when one more comes the oldest of them goes: who asks at once is always served.
"""

from __future__ import annotations

from collections import Counter
from typing import Protocol

MOST, MOST_OF_ONE = 320, 160
"""Connections in all, and of one address; a process has 1,024 files, and the camera and the session need some."""
MOST_UNHEARD, MOST_UNHEARD_OF_ONE = 192, 128
"""Of these, those whose first request has not come. More than can come between the moment that a connection is taken
and the moment that its request is read, four rounds of ACCEPTED, so that nobody who asks at once has to go."""
ACCEPTED = 32
"""Connections that are taken in one round of the loop."""


class Connection(Protocol):
    """What the doorman knows of a connection."""

    address: str
    """Whose it is."""
    unheard: bool
    """Whether its first request has not come."""

    @property
    def busy(self) -> bool:
        """Whether a request is being answered."""
        ...

    def abort(self) -> None:
        """End it at once."""
        ...


class Doorman:
    """Knows all connections, in the order in which they came."""

    def __init__(self) -> None:
        """Begin with none."""
        self._there: dict[Connection, None] = {}

    def admit(self, new: Connection) -> bool:
        """Make room for a connection; return False where there is none."""
        unheard = [each for each in self._there if each.unheard]
        of_one = [each for each in unheard if each.address == new.address]
        if len(of_one) >= MOST_UNHEARD_OF_ONE:
            self._let_go(of_one[0])
        elif len(unheard) >= MOST_UNHEARD:
            self._let_go(_of_the_busiest(unheard))
        own = [each for each in self._there if each.address == new.address]
        for group, most in ((own, MOST_OF_ONE), (list(self._there), MOST)):
            if len(group) >= most:
                waiting = [each for each in group if each.unheard] or [each for each in group if not each.busy]
                if not waiting:
                    return False
                self._let_go(waiting[0])
        self._there[new] = None
        return True

    def forget(self, one: Connection) -> None:
        """Forget a connection; calling it again does nothing."""
        self._there.pop(one, None)

    def _let_go(self, one: Connection) -> None:
        self.forget(one)
        one.abort()


def _of_the_busiest(unheard: list[Connection]) -> Connection:
    """Return the oldest connection of the address that has the most."""
    address = Counter(each.address for each in unheard).most_common(1)[0][0]
    return next(each for each in unheard if each.address == address)
