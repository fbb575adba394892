"""Sessions for tests: small results that no network made, and a model file of a few kB."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np

from edge_runtime.alarms import LAMP_DIM, Alarm
from edge_runtime.circumstances import Circumstances
from edge_runtime.gates import Focus, Measured, Motion
from edge_runtime.model_file import CARD, CONTRACT, ModelFile, seal, verify
from edge_runtime.records import Field, Frame
from edge_runtime.results import FrameResult, TileResult
from edge_runtime.seen import Seen
from edge_runtime.session.budget import Budget
from edge_runtime.session.creating import About, create_session
from edge_runtime.session.keep import pictures_of
from edge_runtime.session.options import FIELDS
from edge_runtime.session.recorder import Recorder
from edge_runtime.session.rows import rows_of
from edge_runtime.session.writer import SessionWriter

NOON = datetime(2026, 11, 21, 12, tzinfo=timezone.utc)


def small_model(lean: ModelFile) -> ModelFile:
    """The contract of a real one, with a graph that computes nothing: sessions keep it, and never run it."""
    return verify(seal(b"\0\0\0\0TFL3", {CONTRACT: lean.part(CONTRACT), CARD: b"a card"}), "small")


def about(model: ModelFile, **more: object) -> About:
    values = {"slide": "S-12", "operator": "Ada", "camera": "pi:imx477", "source": "pi:", "settings": {"keep": FIELDS}}
    return About(**{**values, "model": model, "calibration": None, **more})  # type: ignore[arg-type]


def frame_and_result(index: int, repeats: int | None = None) -> tuple[Frame, FrameResult]:
    """A frame of 2x3 tiles, of all sorts, with awkward numbers."""
    random = np.random.default_rng(index)
    pixels = random.integers(0, 256, (20, 30, 3), np.uint8)
    tiles = []
    for n in range(6):
        x, y = n % 3 * 50, n // 3 * 50
        probability = float(np.float32(random.random()))
        if n % 3:
            tiles.append(TileResult(x, y, probability, "idc" if probability > 0.5 else "no_idc"))
        else:
            tiles.append(TileResult(x, y, reason="out_of_focus", measure="sharpness", value=probability))
    logits = random.normal(size=6).astype(np.float32)
    logits[::3] = np.nan
    field = Field(pixels[::2, ::2], np.arange(3), np.arange(2), 50, np.ones((2, 3), bool))
    focus = Focus(*random.random((2, 6)).astype(np.float32), anisotropy=1 + float(random.random()))
    motion = Motion((float(random.random()), 0.1), 0.3, 0.9, None)
    result = FrameResult(
        index, f"frame {index}", "a" * 64, "balanced_accuracy", "context", 0.8, (20, 30), (3, 4), (2, 3), 10.0,
        tuple(tiles), {"network": 1.25}, 1_000_000_007 * index, (1.01, 0.99, 1.0), 1, repeats, Circumstances(),
        alarms=(Alarm(LAMP_DIM, 0.8, 0.9),) if index % 4 == 3 else (),
        seen=None if repeats is not None else Seen(field, Measured(focus, motion), logits),
    )  # fmt: skip
    return Frame(
        pixels, 0.8, index, result.source, (3, 4), timestamp_ns=result.timestamp_ns, interval_ns=33_000_000
    ), result


def write_frames(writer: SessionWriter, numbers: range, keep: str = FIELDS) -> dict[int, dict]:
    """Write frames; return their records as frames.jsonl has them, by their number."""
    records = {}
    for index in numbers:
        frame, result = frame_and_result(index)
        writer.write(rows_of(frame, result, NOON + timedelta(seconds=index)), pictures_of(frame, result, keep))
        records[index] = json.loads(json.dumps(result.to_json()))
    return records


def recorder(root: Path, model: ModelFile, **more: object) -> Recorder:
    budget = more.pop("budget", None) or Budget(root, reserve_bytes=0)
    options = {"keep": FIELDS, "retry_s": 0.0, "now": lambda: NOON, **more}
    return Recorder(lambda now: create_session(root, about(model), now), budget=budget, **options)  # type: ignore[arg-type]
