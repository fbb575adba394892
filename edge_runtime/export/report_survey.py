"""One pass over a session for its report: what is counted, and the few fields that are shown. Memory is bounded."""

from __future__ import annotations

import heapq
from collections import Counter

from edge_runtime.session.reading import Session
from edge_runtime.session.stored import StoredFrame

from .report_found import MOST_LINES, MOST_MARKED, MOST_WORST, Mark, SeenField, Survey


def survey(session: Session) -> Survey:
    """Read a session's frames once, and return what there is to say of them."""
    return _Surveyor().over(session)


class _Surveyor:
    def __init__(self) -> None:
        self._found = Survey()
        self._present: SeenField | None = None
        self._worst: list[tuple[tuple[float, int, int], SeenField]] = []
        self._previous: int | None = None

    def over(self, session: Session) -> Survey:
        for frame in session.frames():
            self._add(frame)
        self._close()
        found = self._found
        first, last = session.connection.execute("SELECT min(frame), max(frame) FROM frames").fetchone()
        found.gaps = 0 if first is None else last - first + 1 - len(session)
        found.worst = [each for _, each in sorted(self._worst, key=lambda pair: pair[0], reverse=True)]
        return found

    def _add(self, frame: StoredFrame) -> None:
        found, record = self._found, frame.record
        follows = self._previous is not None and frame.index == self._previous + 1
        self._previous = frame.index
        found.frames += 1
        found.began_at, found.last_at = found.began_at or frame.recorded_at, frame.recorded_at
        self._look_around(frame)
        if record["reason"] is not None:
            found.lost[record["reason"]] += 1
            if len(found.lost_said) < MOST_LINES:
                found.lost_said.append((frame.index, record["reason"], record["message"] or ""))
        elif record["repeats_frame"] is not None:
            found.repeats += 1
            if self._present is not None and self._present.shown.index == record["repeats_frame"]:
                self._present.last = frame.index
        else:
            self._look(frame, follows)
        if frame.marked:
            self._mark(frame)

    def _look(self, frame: StoredFrame, follows: bool) -> None:
        """Take a frame that was judged itself: another look at the present field, or the first at the next."""
        present, looks = self._present, frame.record["looks"]
        if present is not None and follows and looks == present.shown.record["looks"] + 1:
            present.shown, present.last = frame, frame.index
            return
        self._close()
        self._present = SeenField(frame, frame, frame.index)

    def _mark(self, frame: StoredFrame) -> None:
        mark = Mark(frame.index, frame.note)
        self._found.mark_count += 1
        if len(self._found.marks) < MOST_LINES:
            self._found.marks.append(mark)
        if self._present is not None and self._present.last == frame.index:
            self._present.marks.append(mark)

    def _close(self) -> None:
        """Count the present field: no further look at it will come."""
        seen, found = self._present, self._found
        self._present = None
        if seen is None:
            return
        found.fields += 1
        found.modes.add(seen.shown.record["mode"])
        if len(found.scales) < MOST_LINES:
            found.scales.add(seen.shown.record["um_per_px"])
        tiles = [tile.result for tile in seen.shown.tiles]
        labels = Counter(tile.label for tile in tiles if tile.label is not None)
        found.labels += labels
        found.fields_by_label.update(labels.keys())
        found.reasons.update(tile.reason for tile in tiles if tile.reason is not None)
        highest, *_ = rank = seen.rank
        if labels:
            found.highest = max(highest, found.highest or 0.0)
            heapq.heappush(self._worst, (rank, seen))
            if len(self._worst) > MOST_WORST:
                heapq.heappop(self._worst)
        if seen.marks and len(found.marked) < MOST_MARKED:
            found.marked.append(seen)

    def _look_around(self, frame: StoredFrame) -> None:
        """Note alarms and circumstances of a frame."""
        self._found.alarms.add(frame)
        around = frame.record["circumstances"] or {}
        self._found.dropped += around.get("dropped_by_camera", 0) + around.get("dropped_by_queue", 0)
        hot = around.get("cpu_c")
        if hot is not None:
            self._found.hottest_c = max(hot, self._found.hottest_c or hot)
