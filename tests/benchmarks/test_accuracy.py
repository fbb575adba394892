import json

import numpy as np
import pytest

from benchmarks.accuracy import measure_accuracy
from benchmarks.accuracy_table import accuracy_markdown
from benchmarks.cli import main
from benchmarks.contenders import Contender
from benchmarks.labelled import read_tiles
from edge_runtime.errors import BadInput
from train.bootstrap import Resampling


def darkness(model, data, runtime, threads):
    """Stand for a network that calls dark tiles carcinoma; a float one is a little surer."""
    grey = data.tiles.reshape(len(data), -1).mean(1)
    return ((128 - grey) / (40 if model.contract.graph_dtype == "int8" else 39)).astype(np.float32)


@pytest.fixture
def record(archive, make_model):
    contenders = [
        Contender("lean int8", make_model()),
        Contender("cancernet int8", make_model("cancernet", threshold=-5.0)),
        Contender("lean float", make_model(dtype="float32")),
    ]
    data = read_tiles(*archive, "test", 50)
    return measure_accuracy(contenders, data, Resampling(100, 1), "auto", 1, "2020-01-02", logits=darkness)


def test_only_the_tiles_of_the_split_are_scored(record):
    assert (record["tiles"], record["positives"], record["patients"]) == (12, 6, 3)


def test_sections_of_one_specimen_are_drawn_together(record):
    assert record["bootstrap"]["groups"] == 2


def test_each_model_decides_at_its_own_threshold(record):
    lean, cancernet, _ = record["models"]
    assert lean["scores"]["balanced_accuracy"] == 1
    assert cancernet["scores"]["sensitivity"] == 1 and cancernet["scores"]["specificity"] == 0
    assert lean["scores"]["auc"] == cancernet["scores"]["auc"] == 1


def test_only_a_model_with_a_parent_has_an_agreement(record):
    assert [row["agreement_with_parent"] for row in record["models"]] == [1.0, None, None]


def test_refused_tiles_are_counted_by_class(record):
    gates = record["models"][0]["gates_on"]
    assert gates["refused_share"] == {"no_idc": pytest.approx(1 / 6), "idc": 0}
    assert (gates["tiles_judged"], gates["balanced_accuracy"]) == (11, 1)


def test_differences_are_those_of_two_models_on_the_same_draws(record):
    rival, parent = record["differences"]
    assert (rival["model"], rival["minus"]) == ("lean int8", "cancernet int8")
    assert rival["difference"]["balanced_accuracy"] == 0.5
    assert rival["intervals"]["balanced_accuracy"] == (0.5, 0.5)
    assert (parent["minus"], parent["difference"]["f1"]) == ("lean float", 0)


def test_the_record_is_json_and_its_table_names_what_it_was_measured_on(record):
    shown = accuracy_markdown(json.loads(json.dumps(record, allow_nan=False)))
    assert "12 tiles (6 with IDC) of 3 slides, which took no part in training" in shown
    assert "| lean int8 | 1.000 (1.000 to 1.000) |" in shown
    assert "Bussola" in shown and "other patients" in shown


def test_tiles_that_a_model_was_trained_on_are_called_so(record):
    assert "WHICH THE MODELS WERE TRAINED ON" in accuracy_markdown({**record, "split": "train"})


def test_a_split_that_is_not_there_is_refused(archive):
    with pytest.raises(BadInput, match=r"one of its sides \(test, train\), found 'holdout'"):
        read_tiles(*archive, "holdout", 50)


def test_the_command_writes_record_and_readme_from_the_shipped_model(archive, shipped_model, tmp_path, capsys):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- accuracy:begin -->\n<!-- accuracy:end -->\nafter\n")
    folder, splits = map(str, archive)
    out = tmp_path / "accuracy.json"
    given = ["accuracy", folder, "--splits", splits, "--model", str(shipped_model), "--resamples", "50"]
    assert main([*given, "--out", str(out), "--readme", str(readme)]) == 0
    assert json.loads(out.read_text())["tiles"] == 12
    assert "| lean int8 |" in readme.read_text() and readme.read_text().endswith("after\n")
    assert main(["table", str(out)]) == 0
    assert "| lean int8 |" in capsys.readouterr().out


def test_bad_input_is_one_sentence_and_exit_code_2(archive, shipped_model, tmp_path, capsys):
    folder, splits = map(str, archive)
    no_model = tmp_path / "notes.tflite"
    no_model.write_text("no model")
    no_markers = tmp_path / "README.md"
    no_markers.write_text("text")
    model = ["--model", str(shipped_model)]
    for given, message in (
        (["accuracy", str(tmp_path / "none"), "--splits", splits, *model], "found no folder"),
        (["accuracy", folder, "--splits", str(tmp_path / "none.csv"), *model], "expected a CSV of splits"),
        (["accuracy", folder, "--splits", splits, "--split", "holdout", *model], "found 'holdout'"),
        (["accuracy", folder, "--splits", splits, "--model", str(no_model)], "expected a TFLite model"),
        (["accuracy", folder, "--splits", splits, "--reference", str(shipped_model), *model], "--reference to be"),
        (["accuracy", folder, "--splits", splits, "--readme", str(no_markers), *model], "accuracy:begin"),
        (["latency", "--model", str(tmp_path / "none.tflite")], "expected a model file"),
        (["table", str(no_markers)], "expected a record"),
    ):
        assert main(given) == 2, given
        said = capsys.readouterr().err
        assert message in said and "Traceback" not in said
