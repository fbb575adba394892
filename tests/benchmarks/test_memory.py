import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.contenders import open_contenders
from benchmarks.frame_latency import Geometry
from benchmarks.memory import flatness, follow, measure_memory, write_pictures
from benchmarks.memory_table import memory_markdown
from edge_runtime.errors import CheckFailed

SMALL = Geometry(300, 400, 2.0)


def test_a_flat_run_has_no_growth_and_a_leak_shows():
    start = np.linspace(50, 100, 100)
    flat = np.concatenate([start, np.full(900, 100.0)])
    assert flatness(flat)["growth"] == 0
    assert flatness(flat)["growth_by_1000_frames"] == 0
    leaking = flatness(flat + np.arange(1000) * 0.1)
    assert leaking["growth"] == pytest.approx(80, abs=1)
    assert leaking["growth_by_1000_frames"] == pytest.approx(100)


def test_pictures_are_written_once_and_linked_as_often_as_frames_are_wanted(tmp_path):
    folder = write_pictures(tmp_path / "pictures", SMALL, 9)
    files = sorted(folder.iterdir())
    assert len(files) == 9 and len({file.stat().st_ino for file in files}) == 4


def test_a_program_that_ends_early_is_no_measurement():
    with pytest.raises(CheckFailed, match="found 1 after 1: it broke"):
        follow([sys.executable, "-c", "import sys; print(1, flush=True); sys.exit('it broke')"], 2)


def test_the_record_has_the_peak_and_a_table(shipped_model):
    contender = open_contenders([str(shipped_model)], [])[0]
    record = measure_memory(contender, SMALL, 20, Path(sys.executable), False, "2020-01-02")
    record = json.loads(json.dumps(record, allow_nan=False))
    assert record["resident_mb"]["frames"] == 20 and record["resident_mb"]["peak"] > 20
    assert "400x300 at 2 µm/px, JPEG, lean int8" in memory_markdown(record)
