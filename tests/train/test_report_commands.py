import dataclasses
import importlib.util
import json

import numpy as np
import pytest

from edge_runtime.contract import Context
from edge_runtime.model_file import CONTRACT, GOLDEN, flatbuffer_of, seal, shipped_path
from train.cli import main
from train.compare.differences import differing, refuse_other_data
from train.evaluate.opening import open_subject
from train.patch_index import BY_PICTURE, BY_TILE, IndexRow, write_index

SIDES = {"train": "abc", "val": "de", "test": "fg"}


@pytest.fixture
def rows(tmp_path, write_patch):
    """Rows of a tiny archive: seven slides of 4x3 tiles, their right half darker and labelled carcinoma."""
    draw = np.random.default_rng(0)
    found = []
    for split, slides in SIDES.items():
        for slide in slides:
            for n in range(12):
                x, y = n % 4 * 50 + 1, n // 4 * 50 + 1
                label = int(x > 100)
                pixels = draw.integers(90 - 40 * label, 230 - 90 * label, (50, 50, 3)).astype(np.uint8)
                path = tmp_path / "idc" / slide / str(label) / f"{slide}_idx5_x{x}_y{y}_class{label}.png"
                write_patch(path, pixels=pixels)
                found.append(IndexRow(str(path), slide, slide, x, y, label, split))
    return found


@pytest.fixture
def index(tmp_path, rows):
    write_index(rows, tmp_path / "index.csv")
    return tmp_path / "index.csv"


@pytest.fixture
def in_context(tmp_path, lean):
    """The shipped model with a context stage that has the thresholds of tile mode."""
    stage = Context(((1.0,) * 3,) * 3, lean.contract.tile)
    contract = dataclasses.replace(lean.contract, context=stage, contract_version=2)
    parts = {CONTRACT: contract.to_json().encode(), GOLDEN: lean.part(GOLDEN)}
    path = tmp_path / "context.tflite"
    path.write_bytes(seal(flatbuffer_of(lean), parts))
    return path


def test_a_model_is_evaluated_into_a_page_and_figures(index, command, tmp_path):
    code, out, _ = command(main, "evaluate", "lean", "--index", index, "--out", tmp_path / "report", "--resamples", 50)
    assert code == 0
    result = json.loads(out)
    html, record = (tmp_path / "report" / f"evaluate_test.{kind}" for kind in ("html", "json"))
    assert (result["report"], result["json"]) == (str(html), str(record))
    record = json.loads(record.read_text())
    assert (record["tiles"], record["patients"], record["split"], record["leaky"]) == (24, 2, "test", False)
    assert record["modes"][0]["scores"]["auc"] == pytest.approx(result["auc"], abs=1e-4)
    page = html.read_text()
    assert '<p class="note leak"' not in page and "http" not in page.replace("http://www.w3.org/", "")
    for title in ("All thresholds", "Decisions", "Calibration", "Slide by slide", "Slides", "Mistakes", "Training"):
        assert f"<h2>{title}</h2>" in page


def test_context_mode_stands_beside_tile_mode_where_the_contract_has_it(index, command, tmp_path, in_context):
    code, _, _ = command(main, "evaluate", in_context, "--index", index, "--out", tmp_path, "--resamples", 20)
    record = json.loads((tmp_path / "evaluate_test.json").read_text())
    assert code == 0 and [one["mode"] for one in record["modes"]] == ["tile", "context"]
    assert {one["field"] for one in record["fields"]} == {"1x1", "3x3", "8x6", "slide"}
    assert "<h2>Decisions, context mode</h2>" in (tmp_path / "evaluate_test.html").read_text()


def test_a_split_by_tile_is_told_in_red(rows, command, tmp_path):
    index = tmp_path / "torn.csv"
    write_index([dataclasses.replace(row, split_by=BY_TILE) for row in rows], index)
    for words, page in ((("evaluate", "lean"), "evaluate_test"), (("explore",), "explore")):
        code, _, _ = command(main, *words, "--index", index, "--out", tmp_path)
        assert code == 0 and '<p class="note leak" role="alert">LEAKY SPLIT' in (tmp_path / f"{page}.html").read_text()


def test_figures_on_validation_patients_come_with_a_warning(index, command, tmp_path):
    code, _, _ = command(main, "evaluate", "lean", "--split", "val", "--index", index, "--out", tmp_path)
    assert code == 0 and "were chosen on these very patients" in (tmp_path / "evaluate_val.html").read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("evaluate", "nowhere"), "found nothing at nowhere"),
        (("evaluate", "{tmp}"), "expected a finished run"),
        (("evaluate", "lean", "--split", "holdout"), "one of its sides (test, train, val), found 'holdout'"),
        (("evaluate", "lean", "--sensitivity", "95"), "expected a share between 0 and 1"),
        (("compare", "lean"), "expected two or more runs or models"),
        (("compare", "lean", "lean"), "name each once"),
        (("explore", "--index", "{tmp}/none.csv"), "expected an index"),
    ],
)
def test_what_a_person_gets_wrong_is_told_in_a_sentence(words, told, index, command, tmp_path):
    words = [word.format(tmp=tmp_path) for word in words]
    where = [] if "--index" in words else ["--index", index]
    code, out, err = command(main, *words, *where)
    assert (code, out) == (2, "") and told in err


def test_tiles_of_another_data_set_are_refused(rows, command, tmp_path, write_patch):
    index = tmp_path / "hcd.csv"
    found = []
    for n, row in enumerate(rows):
        path = write_patch(tmp_path / "hcd" / f"{n}.png", 96, 96, n)
        found.append(dataclasses.replace(row, path=str(path), format="hcd", x=-1, y=-1))
    write_index(found, index)
    code, _, err = command(main, "evaluate", "lean", "--index", index)
    assert code == 2 and "expected tiles of the format idc" in err


def test_pictures_without_a_slide_are_scored_without_figures_by_slide(rows, command, tmp_path, lean, write_patch):
    labels = ("no_metastasis", "metastasis")
    contract = dataclasses.replace(lean.contract, labels=labels, um_per_px=0.97 * 96 / 50, name="nodes")
    model = tmp_path / "nodes.tflite"
    model.write_bytes(seal(flatbuffer_of(lean), {CONTRACT: contract.to_json().encode()}))
    found = []
    for n, row in enumerate(rows):
        path = str(write_patch(tmp_path / "hcd" / f"{n}.png", 96, 96, n))
        place = {"path": path, "patient_id": str(n), "group": str(n), "x": -1, "y": -1}
        found.append(dataclasses.replace(row, format="hcd", split_by=BY_PICTURE, **place))
    index = tmp_path / "hcd.csv"
    write_index(found, index)
    code, _, _ = command(main, "evaluate", model, "--index", index, "--out", tmp_path)
    page = (tmp_path / "evaluate_test.html").read_text()
    assert code == 0 and "24 tiles of 24 pictures" in page and "No patient of these pictures is known" in page
    assert json.loads((tmp_path / "evaluate_test.json").read_text())["modes"][0]["patients"] == []
    assert command(main, "explore", "--index", index, "--out", tmp_path)[0] == 0


def test_models_are_compared_on_the_same_tiles(index, command, tmp_path):
    words = ("compare", "lean", "cancernet", "--index", index, "--out", tmp_path, "--resamples", 50)
    code, out, _ = command(main, *words)
    assert code == 0
    header, *lines = out.splitlines()
    assert (
        header.split()[:3] == ["mode", "subject", "AUC"] and ["lean" in lines[0], "cancernet" in lines[1]] == [True] * 2
    )
    record = json.loads((tmp_path / "compare_test.json").read_text())
    scores = {name: one["scores"]["auc"] for name, one in record["modes"]["tile"]["subjects"].items()}
    difference = record["modes"]["tile"]["differences"][0]
    assert (difference["subject"], difference["minus"]) == ("cancernet int8", "lean int8")
    wanted = scores["cancernet int8"] - scores["lean int8"]
    assert difference["figures"]["auc"]["difference"] == pytest.approx(wanted)
    assert record["recipes"]["network"] == ["lean", "cancernet"] and "batch" not in record["recipes"]


def test_only_what_differs_is_listed():
    assert differing([{"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}, "d": 4}]) == {"b.c": [2, 3], "d": ["–", 4]}


def test_runs_on_other_data_are_refused_unless_a_person_insists():
    one = open_subject("lean", 1)
    other = dataclasses.replace(one, name="other", data={**one.data, "train_sha256": "0" * 64})
    with pytest.raises(ValueError, match="--other-data"):
        refuse_other_data([one, other], allowed=False)
    assert len(refuse_other_data([one, other], allowed=True)) == 1 and refuse_other_data([one, one], False) == []


def test_explore_shows_what_a_data_set_holds(rows, command, tmp_path, write_patch):
    edge = write_patch(tmp_path / "idc" / "a" / "0" / "a_idx5_x901_y901_class0.png", 20, 50)
    copied = next(row for row in rows if row.split == "train" and row.label == 1)
    twin = next(row for row in rows if row.split == "test" and row.label == 1)
    write_patch(tmp_path / twin.path, pixels=read(copied.path))
    index = tmp_path / "index.csv"
    write_index([*rows, IndexRow(str(edge), "a", "a", 901, 901, 0, "train", "edge")], index)
    code, out, _ = command(main, "explore", "--index", index, "--cache", "none", "--out", tmp_path)
    assert code == 0
    result = json.loads(out)
    assert result["files"] == {"ok": 84, "edge": 1} and result["equal_across_sides"] == 1
    assert result["near_duplicates"]["test in train"] == {"tiles": 24, "near": 1}
    record = json.loads((tmp_path / "explore.json").read_text())
    assert {tile["path"] for tile in record["closest"][0]["tiles"]} == {copied.path, twin.path}
    page = (tmp_path / "explore.html").read_text()
    assert "http" not in page.replace("http://www.w3.org/", "")
    for title in ("Structure", "Classes and slides", "Colour and stain", "Odd patches", "Samples", "Slides"):
        assert f"<h2>{title}</h2>" in page


def read(path):
    import cv2

    return cv2.imread(path)[..., ::-1]


def write_run(folder, network, trained_on=()):
    """A finished run's folder, with a network as it was built."""
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps({"recipe": {"network": "cancernet"}, "data_sha256": "0"}))
    result = {"chosen": "seed0", "candidates": {}, "data": {"train_sha256": "0"}, "versions": {"numpy": "2"}}
    (folder / "result.json").write_text(json.dumps(result))
    sides = {"train": {"tiles_of_patient": dict.fromkeys(trained_on, 1)}}
    (folder / "split.json").write_text(json.dumps({"sides": sides}))
    (folder / "seed0").mkdir()
    (folder / "seed0" / "history.jsonl").write_text('{"epoch": 1, "loss": 0.5, "val_loss": 0.6, "val_auc": 0.9}\n')
    network.save_weights(str(folder / "seed0" / "best.weights.h5"))


@pytest.mark.tf
@pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed")
@pytest.mark.filterwarnings("default")
def test_a_run_is_evaluated_with_thresholds_from_validation_patients(index, rows, command, tmp_path):
    from train.feed import logits_of
    from train.keras import keras
    from train.networks import NETWORKS
    from train.tiles import load_tiles

    keras.utils.set_random_seed(0)
    network, val = NETWORKS["cancernet"](), load_tiles(rows, "val")
    logits = logits_of(network, val.tiles)
    if logits[val.labels == 1].mean() < logits[val.labels == 0].mean():  # an untrained network may have it upside down
        last = network.layers[-1]
        last.set_weights([-values for values in last.get_weights()])
    write_run(tmp_path / "run", network, "af")
    code, out, _ = command(main, "evaluate", tmp_path / "run", "--index", index, "--resamples", 20)
    assert code == 0 and json.loads(out)["report"] == str(tmp_path / "run" / "report" / "evaluate_test.html")
    page = (tmp_path / "run" / "report" / "evaluate_test.html").read_text()
    assert "Cross-entropy" in page and "was trained on 1 of the 2 slides that are scored here (f)" in page
    only_test = tmp_path / "test.csv"
    write_index([row for row in rows if row.split == "test"], only_test)
    code, _, err = command(main, "evaluate", tmp_path / "run", "--index", only_test)
    assert code == 2 and "expected validation patients" in err


def test_a_shipped_model_needs_no_validation_patients(rows, command, tmp_path):
    index = tmp_path / "test.csv"
    write_index([row for row in rows if row.split == "test"], index)
    code, _, err = command(main, "evaluate", shipped_path("lean"), "--index", index, "--out", tmp_path)
    assert code == 0 and "no threshold can be chosen" in err
    assert json.loads((tmp_path / "evaluate_test.json").read_text())["modes"][0]["wanted_sensitivities"] == []
