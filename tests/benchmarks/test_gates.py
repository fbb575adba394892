import dataclasses
import json

import cv2
import numpy as np
import pytest

from benchmarks import gates as measured
from benchmarks.cli import main
from benchmarks.gates_inputs import Picture, read_gates, read_pictures
from benchmarks.gates_plot import draw
from benchmarks.gates_sweep import SWEEP
from benchmarks.gates_table import gates_markdown
from benchmarks.inks import INKS, lay_ink, relight
from edge_runtime.errors import BadInput
from edge_runtime.model_file import CONTRACT, flatbuffer_of, seal
from edge_runtime.procedural import make_slide
from tests.edge_runtime.fakes.gated import ALL
from tests.edge_runtime.test_stain import stained
from train.tiles import TileSet

GATES = ALL
GLASS = np.full((5, 50, 50, 3), 244, np.uint8)
NO_FIELDS = measured.Fields(most=0)


def side(seed):
    """Eight tiles of tissue, of which the first, of class 0, is glass."""
    tiles = stained(8, seed)
    tiles[0] = 244
    return TileSet(tiles, np.arange(8, dtype=np.uint8) % 2, np.array(["a", "b"] * 4), ("",) * 8)


def whole_slide():
    """A slide whose tiles lie side by side, 5x7 of them, drawn."""
    slide = make_slide(seed=3, size=(700, 900)).rgb
    y, x = (50 * part for part in np.divmod(np.arange(35), 7))
    tiles = np.stack([slide[200 + j : 250 + j, 300 + i : 350 + i] for j, i in zip(y, x, strict=True)])
    labels, patients = np.arange(35, dtype=np.uint8) % 2, np.full(35, "s")
    return TileSet(tiles, labels, patients, ("",) * 35, xs=x.astype(np.int32) + 1, ys=y.astype(np.int32) + 1)


@pytest.fixture(scope="module")
def record():
    pen = lay_ink(GLASS, "green", 1.0, 1.0, np.random.default_rng(0))
    pictures = [Picture("no-tissue", GLASS), Picture("no-tissue-green-pen", pen)]
    sides = {"train": side(0), "val": side(1)}
    return measured.measure_gates(GATES, sides, pictures, ("no_idc", "idc"), "2020-01-02", NO_FIELDS)


@pytest.fixture(scope="module")
def views():
    sides = {"train": side(0), "val": whole_slide()}
    fields = measured.Fields(most=2, scales=(2.0,))
    return measured.measure_gates(GATES, sides, [], ("no_idc", "idc"), "2020-01-02", fields)


def test_what_is_refused_is_counted_by_split_class_and_reason(record):
    val = record["splits"][1]
    assert (val["split"], val["patients"]) == ("val", 2)
    assert val["classes"]["no_idc"] == {"tiles": 4, "judged": 3, "reasons": {"no_tissue": 1}}
    assert val["classes"]["idc"] == {"tiles": 4, "judged": 4, "reasons": {}}


def test_pictures_of_glass_and_pen_are_counted_by_reason(record):
    glass, pen = record["pictures"]
    assert glass["reasons"] == {"no_tissue": 5} and pen["reasons"] == {"pen_or_dirt": 5}


def test_each_measure_is_held_against_tissue(record):
    aucs = {row["measure"]: row["auc"] for row in record["measures"]}
    assert set(aucs) == {"mean density", "stained share", "ink share", "roughness"}
    assert aucs["ink share"] == 1 and aucs["mean density"] > 0.9


def test_the_sweep_holds_the_chosen_value_of_each_constant_once(record):
    chosen = [row["constant"] for row in record["sweep"] if row["chosen"]]
    assert chosen == list(SWEEP)
    assert {row["pen_tiles_judged"] for row in record["sweep"] if row["chosen"]} == {0}


def test_the_record_is_json_and_its_table_has_its_figures(record):
    shown = gates_markdown(json.loads(json.dumps(record, allow_nan=False)))
    assert "| val | no_idc | 4 | 1 | 0 | 0 | 25.00% |" in shown
    assert "| no-tissue-green-pen | 5 | 0 | 5 | 0 |" in shown
    assert "| `green_ratio` | **1.2** |" in shown and "| green | " in shown


def test_nothing_is_chosen_or_inked_on_test():
    with pytest.raises(BadInput, match="expected the split train or val"):
        measured.measure_gates(GATES, {"test": side(0)}, [], ("no_idc", "idc"), "2020-01-02", NO_FIELDS)


def test_fields_of_whole_slides_are_made_bad_and_what_is_said_of_them_is_counted(views):
    (found,) = views["views"]
    said = {row["condition"]: row["said"] for row in found["conditions"]}
    assert (found["fields"], found["slides"], views["split_of_views"]) == (1, 1, "val")
    assert all(sum(counts.values()) == 24 for counts in said.values())
    assert said["blur of 8 µm"] == {"out_of_focus": 24} and said["light x0.5"] == {"too_dark": 24}
    assert said["as it is"].get("judged", 0) > 20


def test_each_measure_of_a_field_is_held_against_the_field_as_it_is(views):
    curves = {(row["measure"], row["of"], row["bad"]): row for row in views["views"][0]["curves"]}
    assert curves["light", "a tile", "light x0.5"]["auc"] == 1
    assert curves["sharpness", "a tile", "blur of 8 µm"]["auc"] > 0.95
    assert all(0 <= x <= 1 and 0 <= y <= 1 for row in curves.values() for x, y in row["points"])


def test_fields_have_a_table_and_a_picture(views):
    shown = gates_markdown(json.loads(json.dumps(views, allow_nan=False)))
    assert "| light x0.5 | too_dark | too_dark 100.0% |" in shown
    picture = draw(views)
    assert picture.startswith(b"<?xml") and draw(views) == picture
    with pytest.raises(BadInput, match="expected a record with fields"):
        draw(views | {"views": []})


@pytest.mark.parametrize("ink", INKS)
def test_a_film_of_ink_adds_its_density_where_it_lies(ink):
    tiles = np.full((1, 50, 50, 3), 200, np.uint8)
    under = lay_ink(tiles, ink, 0.5, 1.0, np.random.default_rng(0))
    added = np.log(200 / under[0, 0, 0].astype(float))
    assert added == pytest.approx(0.5 * np.array(INKS[ink]), abs=0.01)


def test_a_stroke_covers_the_share_of_a_tile_that_it_is_said_to():
    tiles = np.full((30, 50, 50, 3), 200, np.uint8)
    under = lay_ink(tiles, "black", 2.0, 0.35, np.random.default_rng(0))
    assert (under[..., 1] < 200 * np.exp(-1)).mean((1, 2)) == pytest.approx(np.full(30, 0.35), abs=0.01)


def test_another_light_multiplies_and_clips():
    tile = np.full((1, 1, 1, 3), 240, np.uint8)
    assert relight(tile, (1.1, 0.5, 1.0)).ravel().tolist() == [255, 120, 240]


def test_pictures_are_cut_at_the_scale_of_the_model(tmp_path):
    cv2.imwrite(str(tmp_path / "a-pen.png"), np.full((200, 200, 3), 90, np.uint8))
    (picture,) = read_pictures(tmp_path, 2.0)
    assert picture.is_pen and picture.tiles.shape == (4, 50, 50, 3)


def test_the_gates_of_a_model_file_are_measured_and_one_without_pen_gate_has_none(lean, tmp_path):
    found = read_gates("lean", tmp_path / "none.csv")
    assert (found.tissue, found.pen) == (lean.contract.tissue_gate, lean.contract.pen_gate)
    bare = dataclasses.replace(lean.contract, pen_gate=None)
    (tmp_path / "bare.tflite").write_bytes(seal(flatbuffer_of(lean), {CONTRACT: bare.to_json().encode()}))
    with pytest.raises(BadInput, match="expected a model with a pen gate"):
        read_gates(str(tmp_path / "bare.tflite"), tmp_path / "none.csv")


def test_the_command_measures_an_index_and_bad_input_is_one_sentence(archive, tmp_path, capsys):
    from train.cli import main as train

    folder, splits = archive
    splits.write_text("patient_id,group,split\n101,a,train\n102,b,val\n103,b,val\n201,d,val\n")
    index, out = tmp_path / "index.csv", tmp_path / "gates.json"
    assert train(["index", str(folder), "--splits", str(splits), "--out", str(index)]) == 0
    assert main(["gates", "--index", str(index), "--out", str(out)]) == 0
    assert [found["split"] for found in json.loads(out.read_text())["splits"]] == ["train", "val"]
    capsys.readouterr()
    for given, message in (
        (["--index", str(tmp_path / "none.csv")], "expected an index"),
        (["--index", str(index), "--reject", str(tmp_path / "none")], "expected a folder with pictures"),
        (["--index", str(index), "--reject", str(tmp_path), "--um-per-px", "-1"], "positive number of µm per px"),
        (["--index", str(index), "--camera-um-per-px", "0"], "positive number of µm per px"),
        (["--index", str(index), "--plot", str(tmp_path / "plot.png")], "a name that ends in .svg"),
    ):
        assert main(["gates", *given]) == 2, given
        assert message in capsys.readouterr().err
