"""Hands views from the thread of the frames to whoever watches.

The frames' thread leaves a reference and goes on. The picture is made in a thread of its own, a few times a second at
most and only while somebody watches, once for all. Without watchers nothing is made; the field at the model's scale is
remembered, so that the first who comes sees something at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from edge_runtime.records import Frame
from edge_runtime.results import FrameResult
from edge_runtime.timing import Clock

from .feeling import Feeling
from .hub_views import Left, Maker, View
from .instrument import NotThere

log = logging.getLogger(__name__)

GAP_S = 0.2
"""Between two views, at least: a hand on a focus drive is helped by five a second."""
SHARE_S = 0.05
"""A watcher may cost so much of the time between two views; with many the pictures come less often."""
LONGEST_GAP_S = 2.0
"""But no less often than this."""
HELD = 8
"""So many views' pictures are held: a phone asks for the one that it was told of, a moment later."""


class Hub:
    """The newest views of an instrument. Use it in `with`: a thread makes pictures until its end."""

    def __init__(self, feeling: Feeling, clock: Clock = time.monotonic) -> None:
        """Take what tells how the instrument feels."""
        self.is_live = False
        """Whether the source gives frames at its own pace: then no frame is held that is not shown at once."""
        self._clock = clock
        self._left: deque[Left] = deque(maxlen=1)
        self._views: deque[View] = deque(maxlen=HELD)
        self._tells: tuple[Callable[[], object], ...] = ()
        self._turn = threading.Lock()
        self._bell, self._end = threading.Event(), threading.Event()
        self._maker = Maker(feeling)
        self._due = 0.0
        self._asked = 0
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Hub:
        self._thread = threading.Thread(target=self._work, name="preview", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._bell.set()
        if self._thread is not None:
            self._thread.join()

    def take(self, frame: Frame, result: FrameResult) -> None:
        """Take a frame with its result, from the frames' thread; it is held for a moment, and takes microseconds."""
        now, watched = self._clock(), bool(self._tells)
        if watched and self.is_live and now < self._due:
            return
        holds = watched or (not self.is_live and result.seen is None)
        self._left.append(Left(frame if holds else None, result, now))
        if watched:
            self._bell.set()

    def newest(self) -> View | None:
        """Return the newest view; None before the first."""
        if not self._tells:
            self._publish()
        return self._views[-1] if self._views else None

    def age_s(self) -> float | None:
        """Return how old the newest view is, s."""
        return self._clock() - self._views[-1].at_s if self._views else None

    def picture(self, number: int) -> bytes:
        """Return a view's JPEG; NotThere where it is no longer held."""
        for view in tuple(self._views):
            if view.state.number == number:
                self._asked += 1
                return view.jpeg
        raise NotThere(f"expected one of the newest {HELD} views, found none of number {number}; ask for the newest")

    def listen(self, tell: Callable[[], object]) -> Callable[[], None]:
        """Have `tell` called after each new view; return what ends that. Somebody watches until then."""
        with self._turn:
            self._tells = (*self._tells, tell)
        self._bell.set()

        def end() -> None:
            with self._turn:
                self._tells = tuple(each for each in self._tells if each is not tell)

        return end

    def _work(self) -> None:
        while not self._end.is_set():
            self._bell.wait()
            self._bell.clear()
            self._end.wait(max(0.0, self._due - self._clock()))
            if self._end.is_set() or not self._tells:
                continue
            try:
                tells = self._tells if self._publish() else None
            except Exception:  # the frames go on without the page
                log.exception("a picture for the page could not be made")
                tells = ()
            if tells is None:
                continue
            self._due = self._clock() + self._gap_s()
            for tell in tells:
                tell()

    def _gap_s(self) -> float:
        """Return how long to wait before the next view: longer where many ask for each picture."""
        asked, self._asked = self._asked, 0
        return min(LONGEST_GAP_S, max(GAP_S, SHARE_S * asked))

    def _publish(self) -> bool:
        """Make a view of what was left; tell whether something could be shown of it."""
        with self._turn:
            try:
                left = self._left.pop()
            except IndexError:
                return False
            view = self._maker.view_of(left)
            if view is None:
                return False
            self._views.append(view)
        return True
