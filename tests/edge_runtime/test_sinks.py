"""The contract that every sink of the table keeps; the lines of JSON; the pixels of the overlay."""

from __future__ import annotations

import dataclasses
import io
import json
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge_runtime.alarms import Alarm
from edge_runtime.contract import CONTEXT, TILE, Calibration, Context, Contract, Mode, OperatingPoint, TissueGate
from edge_runtime.errors import BadInput
from edge_runtime.records import Frame
from edge_runtime.results import FrameResult, TileResult
from edge_runtime.sinks.colours import FAINT, HOLE, INK, OUTLINE, PAPER, scale_lut
from edge_runtime.sinks.legend import reason_marks, round_length_um
from edge_runtime.sinks.overlay import draw_overlay, threshold_probability
from edge_runtime.sinks.registry import SINKS, open_sink

TISSUE = (200, 120, 170)
ORIGIN = (351, 101)
POINT = OperatingPoint(threshold_logit=0.5, chosen_for="a test", val_sensitivity=0.8, val_specificity=0.8)
CALIBRATION = Calibration(scale=2.0, bias=-1.0 + math.log(0.4 / 0.6))  # a logit of 0.5 is a probability of 0.4
CONTRACT = Contract(
    name="test",
    version="1",
    task="a test",
    tile_px=50,
    um_per_px=4.0,
    labels=("no_idc", "idc"),
    tile=Mode({"balanced_accuracy": POINT}, CALIBRATION),
    tissue_gate=TissueGate(max_mean_density=0.1, max_stained_share=0.02, stained_density=0.3),
)


def frame(index: int = 1, size: tuple[int, int] = (1000, 1000), source: str = "8974", **more: object) -> Frame:
    return Frame(np.full((*size, 3), TISSUE, np.uint8), 0.8, index, source, ORIGIN, **more)  # type: ignore[arg-type]


def result(index: int = 1, size: tuple[int, int] = (1000, 1000), **more: object) -> FrameResult:
    """Four by four tiles of 250 px, of all sorts."""
    corners = [(x, y) for y in range(0, 1000, 250) for x in range(0, 1000, 250)]
    kinds: list[dict[str, object]] = [
        {"probability": 0.02, "label": "no_idc"},
        {"probability": 0.97, "label": "idc"},
        {"reason": "no_tissue"},
        {"reason": "no_data"},
    ]
    tiles = tuple(
        TileResult(x + ORIGIN[0], y + ORIGIN[1], **kinds[n % 4])  # type: ignore[arg-type]
        for n, (x, y) in enumerate(corners)
    )
    fields: dict[str, object] = {"um_per_px": 0.8, "size_px": size, "origin_xy": ORIGIN, "grid": (4, 4)}
    fields |= {"tile_size_px": 250.0, "tiles": tiles} | more
    return FrameResult(index, "8974", "ab" * 32, "balanced_accuracy", **fields)  # type: ignore[arg-type]


LOST = FrameResult(2, "bad.png", "ab" * 32, "balanced_accuracy", reason="unreadable", message="bad.png: empty file")


@pytest.mark.parametrize("name", sorted(SINKS))
def test_a_sink_takes_frames_and_lost_frames_writes_at_once_and_closes_twice(name: str, tmp_path: Path) -> None:
    sink = open_sink(name, tmp_path / "new" / "place", CONTRACT)
    sink.write(frame(), result())
    after_one = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert any(after_one.values()), "a result is recorded before write returns"
    sink.write(None, LOST)
    sink.write(frame(3), result(3, tiles=(), reason="bad_scale", message="too coarse"))
    for path, data in after_one.items():
        assert path.read_bytes().startswith(data), "what was written stays"
    sink.close()
    sink.close()


@pytest.mark.parametrize("name", sorted(SINKS))
def test_a_folder_that_cannot_be_written_to_is_answered_with_a_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot write"):
        open_sink(name, tmp_path / "file" / "place", CONTRACT).write(frame(), result())


def test_an_unknown_sink_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="jsonl, overlay, found 'csv'"):
        open_sink("csv", tmp_path, CONTRACT)


# jsonl


def test_each_line_is_the_record_as_json(tmp_path: Path) -> None:
    sink = open_sink("jsonl", tmp_path / "results.jsonl", CONTRACT)
    for number in range(3):
        sink.write(frame(number), result(number))
    sink.write(None, LOST)
    lines = (tmp_path / "results.jsonl").read_text(encoding="utf-8").splitlines()  # not closed: as after a kill
    records = [json.loads(line) for line in lines]
    assert [record["frame"] for record in records] == [0, 1, 2, 2]
    assert records[0] == json.loads(json.dumps(result(0).to_json()))
    assert records[3]["reason"] == "unreadable" and records[3]["tiles"] == []
    sink.close()


def test_a_stream_that_was_handed_in_is_flushed_and_stays_open() -> None:
    stream = io.StringIO()
    sink = open_sink("jsonl", stream, CONTRACT)
    sink.write(frame(), result())
    sink.close()
    assert not stream.closed and stream.getvalue().count("\n") == 1


def test_a_line_is_one_write_so_that_a_kill_leaves_whole_lines(tmp_path: Path) -> None:
    sink = open_sink("jsonl", tmp_path / "results.jsonl", CONTRACT)
    raw = sink._stream.buffer.raw  # type: ignore[attr-defined]
    many = result(tiles=result().tiles * 2000)
    sizes = []
    for _ in range(2):
        sink.write(frame(), many)
        sizes.append(raw.tell())
    sink.close()
    data = (tmp_path / "results.jsonl").read_bytes()
    assert len(data) == 2 * sizes[0] == sizes[1] and data.endswith(b"\n")


def test_nan_is_refused_and_leaves_no_half_line(tmp_path: Path) -> None:
    sink = open_sink("jsonl", tmp_path / "results.jsonl", CONTRACT)
    with pytest.raises(ValueError, match="JSON"):
        sink.write(frame(), result(um_per_px=float("nan")))
    sink.write(frame(), result())
    sink.close()
    assert len([json.loads(line) for line in (tmp_path / "results.jsonl").read_text().splitlines()]) == 1


# overlay


def drawn(**more: object) -> np.ndarray:
    return draw_overlay(frame(**more), result(), 0.4, "idc")  # type: ignore[arg-type]


def inner(picture: np.ndarray, column: int, row: int = 0) -> np.ndarray:
    """The middle of a tile's lower half, clear of outline and mark."""
    return picture[row * 250 + 150 : row * 250 + 230, column * 250 + 20 : column * 250 + 230].astype(int)


def test_a_tile_of_low_probability_looks_as_it_was() -> None:
    assert (inner(drawn(), 0) == TISSUE).all()


def test_a_tile_of_high_probability_is_tinted_with_the_colour_of_the_scale() -> None:
    colours, opacity = scale_lut()
    level = 1 + round(0.97 * 254)
    alpha = opacity[level] / 255
    expected = np.asarray(TISSUE) * (1 - alpha) + colours[level] * alpha
    assert np.abs(inner(drawn(), 1) - expected).max() <= 1


def test_a_tile_called_idc_has_an_outline_and_others_have_none() -> None:
    picture = drawn()
    edges = [(picture[0:6, 250 * n : 250 * n + 250] == OUTLINE).all(axis=2).any() for n in range(4)]
    assert edges == [False, True, False, False]


def test_a_tile_with_a_reason_is_hatched_and_not_tinted() -> None:
    colours = {tuple(colour) for colour in inner(drawn(), 2).reshape(-1, 3).tolist()}
    assert colours == {TISSUE, FAINT, PAPER}


def test_holes_are_grey_and_no_data_is_no_hatch() -> None:
    has_data = np.ones((1000, 1000), bool)
    has_data[:, 750:] = False
    picture = drawn(has_data=has_data)
    assert (picture[:1000, 750:1000] == HOLE).all()
    assert (inner(drawn(), 3) == TISSUE).all()


def test_the_more_suspicious_of_two_overlapping_tiles_is_seen() -> None:
    tiles = (TileResult(*ORIGIN, 0.9, "idc"), TileResult(*ORIGIN, 0.1, "no_idc"))
    both = draw_overlay(frame(), result(tiles=tiles), 0.4, "none")
    alone = draw_overlay(frame(), result(tiles=tiles[:1]), 0.4, "none")
    assert np.array_equal(both[:1000, :1000], alone[:1000, :1000])


def test_the_frame_itself_is_not_drawn_on() -> None:
    source = frame()
    draw_overlay(source, result(), 0.4, "idc")
    assert (source.pixels == TISSUE).all()


@pytest.mark.parametrize(
    ("size", "longer"),
    [((300, 400), 1000), ((1000, 1200), 1200), ((3040, 4056), 1600), ((50, 50), 1000), ((50, 3000), 1600)],
)
def test_a_picture_is_drawn_at_a_readable_size(size: tuple[int, int], longer: int) -> None:
    picture = draw_overlay(frame(size=size), result(tiles=()), 0.4, "idc")
    legend = draw_overlay(frame(), result(), 0.4, "idc").shape[1] - 1000
    zoom = longer / max(size)
    assert picture.shape[1] - legend == round(size[1] * zoom)
    assert picture.shape[0] >= round(size[0] * zoom)


def test_long_and_foreign_names_and_thresholds_at_the_ends_are_drawn() -> None:
    for threshold in (0.0, 1.0):
        assert draw_overlay(frame(source="µ/é" * 90), result(), threshold, "idc").ndim == 3


def test_a_lost_frame_has_no_picture_and_others_are_named_by_their_number(tmp_path: Path) -> None:
    sink = open_sink("overlay", tmp_path / "overlays", CONTRACT)
    sink.write(None, LOST)
    sink.write(frame(), result())
    (path,) = (tmp_path / "overlays").iterdir()
    assert path.name == "frame_000001.png"
    assert np.array_equal(cv2.imread(str(path))[..., ::-1], draw_overlay(frame(), result(), 0.4, "idc"))


def test_the_threshold_is_shown_as_a_calibrated_probability() -> None:
    assert threshold_probability(CONTRACT, "balanced_accuracy", TILE) == pytest.approx(0.4)
    mode = Mode({"balanced_accuracy": OperatingPoint(2.0, "a test", 0.9, 0.9)}, Calibration(0.5, -1.0))
    among = dataclasses.replace(CONTRACT, context=Context(((1.0,) * 3,) * 3, mode))
    assert threshold_probability(among, "balanced_accuracy", CONTEXT) == pytest.approx(0.5)


def test_the_legend_tells_the_mode() -> None:
    alone, among = (draw_overlay(frame(), result(mode=mode), 0.4, "idc") for mode in (TILE, CONTEXT))
    assert (alone[:, :1000] == among[:, :1000]).all() and (alone[:, 1000:] != among[:, 1000:]).any()


def test_the_legend_names_the_calibration_and_shows_alarms_on_a_dark_bar() -> None:
    alarm = Alarm("lamp_dim", 0.8, 0.9)

    def drawn(found: FrameResult, size: tuple[int, int] = (1000, 1000)) -> NDArray[np.uint8]:
        return draw_overlay(frame(size=size), found, 0.4, "idc")

    quiet, loud = (drawn(result(calibration_sha256="cd" * 32, alarms=found)) for found in ((), (alarm,)))
    bare = drawn(result())
    panels = [each[:, 1000:] for each in (bare, quiet, loud)]
    assert not np.array_equal(panels[0], panels[1]), "which calibration"
    assert [int(((panel == INK).all(2).sum(1) > 250).sum()) > 10 for panel in panels] == [False, False, True]
    many = result(size=(300, 600), alarms=(alarm,) * 20)
    assert drawn(many, (300, 600)).shape[0] > drawn(result(size=(300, 600)), (300, 600)).shape[0]


def test_overlays_need_a_folder() -> None:
    with pytest.raises(BadInput, match="found a stream"):
        open_sink("overlay", io.StringIO(), CONTRACT)


def test_the_scale_of_colours_grows_lighter_and_more_opaque() -> None:
    colours, opacity = scale_lut()
    lightness = colours[1:] @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(lightness) >= -1).all() and lightness[-1] > lightness[0] + 150
    assert (np.diff(opacity.astype(int)) >= 0).all() and opacity[0] == opacity[1] == 0


@given(st.floats(1e-3, 1e7))
def test_a_scale_bar_has_a_round_length_of_at_least_40_percent(longest: float) -> None:
    length = round_length_um(longest)
    assert 0.4 * longest * (1 - 1e-6) <= length <= longest * (1 + 1e-6)
    assert f"{length:.0e}"[0] in "125"


def test_reasons_that_begin_alike_get_marks_of_their_own() -> None:
    reasons = ("blur", "no_tissue", "stain", "stale", "no_data")
    tiles = tuple(TileResult(0, 0, reason=reason) for reason in reasons)
    marks = reason_marks(result(tiles=tiles))
    assert marks["no_tissue"] == "NT" and marks["blur"] == "BL" and "no_data" not in marks
    assert len(set(marks.values())) == 4


def test_pen_or_dirt_is_marked_by_its_two_nouns() -> None:
    assert reason_marks(result(tiles=(TileResult(0, 0, reason="pen_or_dirt"),))) == {"pen_or_dirt": "PD"}
