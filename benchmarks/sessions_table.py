"""The record of sessions as Markdown."""

from __future__ import annotations

from typing import Any

from .latency_table import board_line
from .markdown import table


def sessions_markdown(record: dict[str, Any]) -> str:
    """Return the tables of a record, with the board above them."""
    header = ("a frame", "`--keep`", "encode, ms", "commit, ms", "p90", "p99", "stored, kB", "written, kB", "judge, ms")
    rows = (
        (
            f"{row['frame']}, {row['tiles']} tiles",
            row["keep"],
            f"{row['encode_ms']['median']:.1f}",
            *(f"{row['commit_ms'][name]:.1f}" for name in ("median", "p90", "p99")),
            f"{row['stored_kb_per_frame']:,.1f}",
            "not told" if row["written_kb_per_frame"] is None else f"{row['written_kb_per_frame']:,.1f}",
            f"{row['judge_ms']['median']:.1f}",
        )
        for row in record["frames"]
    )
    many, few = record["frames"][0]["frames"], record["frames"][3]["frames"]
    words = [
        "`encode` makes the pictures and rows, `commit` waits until they are on the disk, both medians over "
        f"{many} frames ({few} with `frames`); `stored` is what a frame adds to the session, `written` what went to "
        "the disk for it, and `judge` the time of the pipeline beside it. kB are 1e3 bytes."
    ]
    if (killed := record["killed"]) is not None:
        words.append(
            f"`cancernet run --session` killed (SIGKILL) {killed['runs']} times at a random moment: "
            f"{killed['killed_before_the_session']} before its session existed; of the other {killed['sessions']}, "
            f"{killed['reopened']} were reopened whole by the next run. Of {killed['frames_given']:,} frames that were "
            f"given out before the kill, {killed['frames_lost']} were lost, and {killed['pictures_lost']} of the "
            f"{killed['frames_committed']:,} committed ones lacked a picture."
        )
    return "\n\n".join((board_line(record), table(header, rows), *words)) + "\n"
