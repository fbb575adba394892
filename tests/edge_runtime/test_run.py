import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from edge_runtime.cli import main
from edge_runtime.metrics import auc
from edge_runtime.model_file import flatbuffer_of, seal, shipped_path
from edge_runtime.procedural import make_slide
from tests.conftest import ROOT


def frames_of(text):
    return [json.loads(line) for line in text.splitlines()]


def check_record(record):
    assert record["schema_version"] == 4 and len(record["model_sha256"]) == 64
    for tile in record["tiles"]:
        assert set(tile) - {"measure", "value"} in ({"x", "y", "reason"}, {"x", "y", "probability", "label"})
        assert ("measure" in tile) == ("value" in tile) <= ("reason" in tile)


def test_the_built_in_slide_gives_a_line_and_an_overlay_a_frame_and_a_summary(command, tmp_path):
    code, out, err = command(main, "run", "synthetic:?frame=960x540&um_per_px=1.6", "--frames", 3, "--out", tmp_path)
    assert code == 0 and "research use only" in err
    lines = (tmp_path / "frames.jsonl").read_text()
    assert out == lines and len(frames_of(lines)) == 3
    for record in frames_of(lines):
        check_record(record)
        assert record["um_per_px"] == 1.6 and record["grid"] == [5, 8] and len(record["tiles"]) == 40
        assert cv2.imread(str(tmp_path / "overlays" / f"frame_{record['frame']:06d}.png")) is not None
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["frames"] == 3 and summary["model"]["name"] == "lean" and summary["peak_memory_mb"] > 0
    stages = ["capture", "queue", "scale", "looks", "tile", "gates", "stain", "network", "context", "label"]
    assert list(summary["milliseconds"]) == [*stages, "wait", "sinks", "frame"]
    assert all({"p50", "p95", "p99", "max", "count"} == set(spread) for spread in summary["milliseconds"].values())
    assert summary["ended_by"] == "frames_done"


def test_an_earlier_runs_records_are_kept_unless_they_may_go(command, tmp_path):
    words = ("run", "synthetic:?size=400x400&frame=960x540", "--frames", 1, "--out", tmp_path)
    assert command(main, *words)[0] == 0
    before = (tmp_path / "frames.jsonl").read_text()
    code, _, err = command(main, *words)
    assert code == 2 and "--overwrite" in err and (tmp_path / "frames.jsonl").read_text() == before
    assert command(main, *words, "--overwrite")[0] == 0


def test_the_same_command_gives_the_same_tiles(command):
    words = ("run", "synthetic:?seed=5&frame=960x540", "--frames", 2)
    first, second = (frames_of(command(main, *words)[1]) for _ in range(2))
    assert [record["tiles"] for record in first] == [record["tiles"] for record in second]


def test_a_picture_needs_a_scale_from_the_command_the_source_or_a_calibration(command, tmp_path, write_patch):
    picture = write_patch(tmp_path / "field.png", pixels=make_slide(seed=3, size=(300, 400)).rgb)
    code, out, err = command(main, "run", picture)
    assert code == 2 and out == "" and "--um-per-px" in err and "--calibration" in err and len(err.splitlines()) == 1
    calibration = tmp_path / "scope.json"
    calibration.write_text('{"calibration_version": 1, "um_per_px": 4.0}')
    ways = [("--um-per-px", "4"), ("--calibration", calibration)]
    results = [command(main, "run", picture, *way) for way in ways]
    results.append(command(main, "run", f"{picture}?um_per_px=4"))
    tiles = [frames_of(out)[0]["tiles"] for code, out, _ in results if code == 0]
    assert len(tiles) == 3 and tiles[0] == tiles[1] == tiles[2] and len(tiles[0]) == 48


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{}", "calibration_version"),
        ('{"calibration_version": 7, "um_per_px": 1}', "found 7"),
        ("scale=1", "no calibration"),
    ],
)
def test_a_file_that_is_no_calibration_is_refused(command, tmp_path, text, message):
    path = tmp_path / "scope.json"
    path.write_text(text)
    code, out, err = command(main, "run", "synthetic:", "--calibration", path)
    assert code == 2 and out == "" and message in err


def test_a_patient_folder_is_stitched_and_its_tiles_stand_at_the_patches_own_places(
    command, tmp_path, write_patch, lean_in_context
):
    slide = make_slide(seed=3, size=(250, 300)).rgb
    places = [(x, y) for y in range(0, 250, 50) for x in range(0, 300, 50) if (x, y) not in ((50, 50), (250, 200))]
    for x, y in places:
        write_patch(
            tmp_path / f"8863/0/8863_idx5_x{x + 1001}_y{y + 51}_class0.png", pixels=slide[y : y + 50, x : x + 50]
        )
    model = ("--model", lean_in_context.name)
    code, out, _ = command(main, "run", tmp_path / "8863", *model)
    tiles = [tile for record in frames_of(out) for tile in record["tiles"]]
    assert code == 0
    holes = {(tile["x"], tile["y"]) for tile in tiles if tile.get("reason") == "no_data"}
    assert holes == {(1051, 101), (1251, 251)}
    assert sorted((tile["x"], tile["y"]) for tile in tiles) == sorted(
        (x + 1001, y + 51) for y in range(0, 250, 50) for x in range(0, 300, 50)
    )
    rows = command(main, "classify", tmp_path / "8863", *model)[1].splitlines()[1:]
    by_place = {tuple(map(int, row.split(",")[2:4])): row.split(",")[4] for row in rows}
    for tile in tiles:
        if "probability" in tile:
            assert tile["probability"] == pytest.approx(float(by_place[tile["x"], tile["y"]]), abs=1e-4)


def test_a_damaged_picture_among_good_ones_is_a_record_and_the_run_goes_on(command, tmp_path, write_patch):
    slide = make_slide(seed=3, size=(300, 400)).rgb
    good = write_patch(tmp_path / "a.png", pixels=slide)
    (tmp_path / "b.png").write_bytes(good.read_bytes()[:500])
    write_patch(tmp_path / "c.png", pixels=slide)
    code, out, err = command(main, "run", tmp_path, "--um-per-px", "4", "--out", tmp_path / "out")
    records = frames_of(out)
    assert "b.png" in err and "truncated" in err
    assert code == 0 and [record["reason"] for record in records] == [None, "unreadable", None]
    assert "truncated" in records[1]["message"]


def test_a_scale_that_leaves_less_than_a_tile_is_said_and_is_exit_code_2(command, tmp_path, write_patch):
    picture = write_patch(tmp_path / "field.png", 300, 400)
    code, out, err = command(main, "run", picture, "--um-per-px", "0.01")
    assert code == 2 and frames_of(out)[0]["reason"] == "bad_scale"
    assert "expected at least one tile of 200 µm, found 400x300 px" in err and "check the scale" in err


def test_exit_code_2_when_no_frame_could_be_judged(command, tmp_path):
    (tmp_path / "a.png").write_bytes(b"")
    code, out, err = command(main, "run", tmp_path, "--um-per-px", "4")
    assert code == 2 and frames_of(out)[0]["reason"] == "unreadable" and "nothing could be judged" in err


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("microscope:", "folder"),
        ("nowhere.png", "no such file"),
        ("synthetic:?colour=red", "colour"),
        ("slide:", "slide"),
    ],
)
def test_a_source_that_is_none_is_one_line_and_exit_code_2(command, source, message):
    code, out, err = command(main, "run", source)
    assert code == 2 and out == "" and message in err and len(err.splitlines()) == 1


def damaged_models(good):
    flipped = bytearray(good)
    flipped[5000] ^= 1
    return {"truncated": good[: len(good) // 2], "flipped": bytes(flipped), "text": b"hello", "empty": b""}


@pytest.mark.parametrize("kind", ["truncated", "flipped", "text", "empty", "bare", "missing", "float"])
def test_a_model_that_cannot_be_trusted_is_one_line_and_exit_code_2(command, tmp_path, lean, kind):
    path = tmp_path / f"{kind}.tflite"
    if kind == "bare":
        path.write_bytes(flatbuffer_of(lean))
    elif kind == "float":
        path = ROOT / "quantize" / "reference" / "lean.tflite"
    elif kind != "missing":
        path.write_bytes(damaged_models(shipped_path().read_bytes())[kind])
    for words in (("run", "synthetic:", "--model", path, "--frames", 1), ("selftest", path)):
        if kind == "float" and words[0] == "selftest":
            continue
        code, out, err = command(main, *words)
        assert code == 2 and out == "" and path.name in err and len(err.splitlines()) == 1


def test_selftest_says_what_it_found_and_inspect_shows_everything(command):
    code, out, _ = command(main, "selftest", "lean")
    assert code == 0 and json.loads(out)["passed"] is True
    code, out, _ = command(main, "inspect")
    found = json.loads(out)
    assert code == 0 and {"contract", "golden", "parity", "model_card", "sha256"} <= set(found)


def test_selftest_fails_with_exit_code_1_where_the_outputs_differ(command, tmp_path, lean):
    import dataclasses

    from edge_runtime.golden import golden_bytes

    golden = dataclasses.replace(lean.golden, outputs={k: v + 5 for k, v in lean.golden.outputs.items()})
    path = tmp_path / "other.tflite"
    parts = {"contract.json": lean.contract.to_json().encode(), "golden.npz": golden_bytes(golden)}
    path.write_bytes(seal(flatbuffer_of(lean), parts))
    code, out, _ = command(main, "selftest", path)
    assert code == 1 and json.loads(out)["worst_steps"] == 5
    code, out, err = command(main, "run", "synthetic:", "--model", path)
    assert code == 1 and out == "" and "golden vectors" in err


def test_the_device_imports_no_tensorflow():
    script = (
        "import sys; from edge_runtime.cli import main\n"
        "code = main(['run', 'synthetic:?size=400x400', '--frames', '1'])\n"
        "heavy = {'tensorflow', 'keras', 'tf_keras', 'sklearn', 'scipy', 'matplotlib', 'train', 'quantize'}\n"
        "sys.exit(code or sorted(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_reader_that_goes_away_ends_the_run_quietly():
    words = [sys.executable, "-m", "edge_runtime", "run", "synthetic:?frame=960x540&um_per_px=1.6"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert json.loads(process.stdout.readline())["frame"] == 0
        process.stdout.close()
        error = process.stderr.read()
        assert process.wait(60) == 0 and "Traceback" not in error


def test_sigterm_ends_a_run_between_two_frames_with_its_summary(tmp_path):
    words = [sys.executable, "-m", "edge_runtime", "run", "synthetic:?size=4000x4000", "--out", str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        process.terminate()
        process.stdout.read()
        assert process.wait(60) == 0
    lines = frames_of((tmp_path / "frames.jsonl").read_text())
    assert 0 < len(lines) == json.loads((tmp_path / "summary.json").read_text())["frames"]


def test_the_truth_of_the_built_in_slide_lies_where_the_frame_says(lean):
    from edge_runtime.cameras.registry import open_camera
    from edge_runtime.network import Network
    from edge_runtime.pipeline import Pipeline

    pipeline = Pipeline(lean, Network(lean))
    truth, probability = [], []
    for frame in open_camera("synthetic:?seed=3").frames():
        for tile in pipeline.judge(frame).tiles:
            if tile.probability is None:
                continue
            x, y = tile.x - frame.origin_xy[0], tile.y - frame.origin_xy[1]
            share = frame.truth[y : y + 250, x : x + 250].mean()
            if not 0.1 < share < 0.9:
                truth.append(share > 0.5)
                probability.append(tile.probability)
    assert np.sum(truth) > 50 and auc(truth, probability) >= 0.9
