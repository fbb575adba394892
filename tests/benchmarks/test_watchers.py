from __future__ import annotations

import pytest

from benchmarks import watchers
from benchmarks.record import to_markdown

pytest.importorskip("fastapi", reason="needs the extra `live`")


def test_watchers_get_views_while_frames_are_counted(monkeypatch):
    monkeypatch.setattr(
        watchers, "SOURCES", {"small": "synthetic:?size=400x500&frame=640x400&um_per_px=2&rounds=1000000"}
    )
    monkeypatch.setattr(watchers, "SETTLE_S", 0.1)
    record = watchers.measure_watchers(2, 1, 1.5, "2026-11-21")
    row = record["rows"][0]
    assert row["fps_alone"] > 0 and row["fps_watched"] > 0 and row["views_a_second"] > 0 and row["refused"] == 0
    assert row["megabytes_a_second"] > 0 and row["ratio"] > 0
    text = to_markdown(record)
    assert "2 watch" in text and f"{100 * row['ratio']:.1f} %" in text
