import csv
import io

import cv2
import numpy as np
import pytest

from edge_runtime.cli import main
from edge_runtime.model_file import open_model, shipped_path
from edge_runtime.network import Network
from edge_runtime.pictures import read_picture
from edge_runtime.pipeline import Pipeline
from edge_runtime.procedural import make_slide
from edge_runtime.records import Frame

HEADER = "path,patient_id,x,y,probability,label,reason"


@pytest.fixture
def tissue(write_patch):
    """A function that writes a patch of procedural tissue under a name."""
    slide = make_slide(seed=3, size=(400, 400)).rgb

    def write(path, n=0, size=50):
        return write_patch(path, pixels=slide[100 + 7 * n : 100 + 7 * n + size, 100 : 100 + size])

    return write


def rows_of(text):
    assert text.splitlines()[0] == HEADER
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        assert bool(row["probability"]) != bool(row["reason"]), row
        assert row["label"] in (("idc", "no_idc") if row["probability"] else ("",)), row
        assert not row["probability"] or 0 <= float(row["probability"]) <= 1
    return rows


def test_an_idc_tree_is_a_row_a_patch_with_what_its_name_says(command, tissue, tmp_path):
    for n in range(3):
        tissue(tmp_path / f"8863/{n % 2}/8863_idx5_x{51 + 50 * n}_y1251_class{n % 2}.png", n)
    code, out, err = command(main, "classify", tmp_path, "--gates", "off")
    rows = rows_of(out)
    assert code == 0 and "research use only" in err
    assert [(row["patient_id"], row["x"], row["y"]) for row in rows] == [
        ("8863", "151", "1251"),  # in the order of the names
        ("8863", "51", "1251"),
        ("8863", "101", "1251"),
    ]
    assert all(row["probability"] for row in rows)


def test_wrong_sizes_are_edges_and_damaged_files_unreadable_and_the_run_goes_on(command, tissue, tmp_path):
    good = tissue(tmp_path / "a_idx5_x1_y1_class0.png")
    tissue(tmp_path / "a_idx5_x51_y1_class0.png", size=30)
    (tmp_path / "a_idx5_x101_y1_class0.png").write_bytes(good.read_bytes()[:200])
    (tmp_path / "a_idx5_x151_y1_class0.png").write_bytes(b"")
    cv2.imwrite(str(tmp_path / "one.png"), np.zeros((1, 1, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "sixteen.png"), np.zeros((50, 50, 3), np.uint16))
    code, out, err = command(main, "classify", tmp_path, "--gates", "off")
    reasons = {row["path"].rsplit("/", 1)[1]: row["reason"] for row in rows_of(out)}
    assert code == 0
    assert reasons == {
        "a_idx5_x1_y1_class0.png": "",
        "a_idx5_x51_y1_class0.png": "edge",
        "a_idx5_x101_y1_class0.png": "unreadable",
        "a_idx5_x151_y1_class0.png": "unreadable",
        "one.png": "edge",
        "sixteen.png": "unreadable",
    }
    for name in ("x101", "x151", "one.png", "sixteen.png"):
        assert name in err


def test_grey_and_rgba_patches_are_converted(command, tissue, tmp_path):
    colour = cv2.imread(str(tissue(tmp_path / "colour.png")))
    cv2.imwrite(str(tmp_path / "grey.png"), cv2.cvtColor(colour, cv2.COLOR_BGR2GRAY))
    cv2.imwrite(str(tmp_path / "rgba.png"), cv2.cvtColor(colour, cv2.COLOR_BGR2BGRA))
    rows = {
        row["path"].rsplit("/", 1)[1]: row for row in rows_of(command(main, "classify", tmp_path, "--gates", "off")[1])
    }
    assert all(row["probability"] for row in rows.values())
    assert rows["rgba.png"]["probability"] == rows["colour.png"]["probability"]


def test_a_picture_is_cut_at_its_scale_into_tiles_with_places_in_its_own_pixels(command, tmp_path, write_patch):
    slide = make_slide(seed=3, size=(250, 350)).rgb
    picture = write_patch(tmp_path / "field.png", pixels=slide.repeat(4, 0).repeat(4, 1))
    ungated = ("--gates", "off")  # the focus gate looks at the camera's own pixels, and here they are blocks
    rows = rows_of(command(main, "classify", picture, "--um-per-px", "1", *ungated)[1])
    assert [(row["x"], row["y"]) for row in rows] == [
        (str(x), str(y)) for y in range(0, 1000, 200) for x in range(0, 1400, 200)
    ]
    same = write_patch(tmp_path / "same.png", pixels=slide)
    there = rows_of(command(main, "classify", same, "--um-per-px", "4", *ungated)[1])
    assert there[7]["probability"] == rows[7]["probability"]


def test_a_picture_of_unknown_scale_is_refused_and_told_how_to_give_it(command, tmp_path, write_patch):
    code, out, err = command(main, "classify", write_patch(tmp_path / "field.png", 300, 400))
    assert code == 2 and "--um-per-px" in err
    assert [row["reason"] for row in rows_of(out)] == ["unknown_scale"]


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "inf", "four", ""])
def test_a_scale_that_is_none_is_one_line_and_exit_code_2(command, tmp_path, write_patch, scale):
    code, out, err = command(main, "classify", write_patch(tmp_path / "field.png", 300, 400), f"--um-per-px={scale}")
    assert code == 2 and out == "" and len(err.splitlines()) == 1


@pytest.mark.parametrize("folder", ["scans", "0", "1"])
def test_a_picture_with_a_given_scale_is_cut_whatever_its_folder_is_called(command, tmp_path, write_patch, folder):
    picture = write_patch(tmp_path / folder / "field.png", pixels=make_slide(seed=3, size=(200, 300)).rgb)
    code, out, _ = command(main, "classify", picture, "--um-per-px", "4")
    assert code == 0 and len(rows_of(out)) == 24 and not any(row["reason"] == "edge" for row in rows_of(out))


def test_a_scale_that_leaves_less_than_a_tile_is_said(command, tmp_path, write_patch):
    code, out, err = command(main, "classify", write_patch(tmp_path / "field.png", 300, 400), "--um-per-px", "0.1")
    assert code == 2 and rows_of(out)[0]["reason"] == "bad_scale" and "at least one tile of 200 µm" in err


def test_an_empty_folder_and_a_missing_path_are_one_line_and_exit_code_2(command, tmp_path):
    for path in (tmp_path, tmp_path / "gone"):
        code, out, err = command(main, "classify", path)
        assert code == 2 and out == "" and len(err.splitlines()) == 1 and str(path) in err


def test_nothing_is_written_over_a_result_when_the_model_is_bad(command, tissue, tmp_path):
    patch = tissue(tmp_path / "p.png")
    out = tmp_path / "tiles.csv"
    out.write_text("earlier result\n")
    damaged = tmp_path / "damaged.tflite"
    damaged.write_bytes(shipped_path().read_bytes()[:-10])
    code, _, err = command(main, "classify", patch, "--out", out, "--model", damaged)
    assert code == 2 and "damaged.tflite" in err and out.read_text() == "earlier result\n"


def test_results_come_in_the_order_of_the_files_over_many_batches(command, tissue, tmp_path):
    for n in range(600):
        tissue(tmp_path / f"a_idx5_x{n:04d}_y1_class0.png", n % 20)
    rows = rows_of(command(main, "classify", tmp_path)[1])
    assert [int(row["x"]) for row in rows] == list(range(600))


def write_slide(folder, write_patch, patient="p", seed=3, layout="{patient}/{label}"):
    """Write 6x6 patches of a slide in an IDC tree, in two class folders."""
    slide = make_slide(seed=seed, size=(400, 400)).rgb
    for n, (y, x) in enumerate(np.ndindex(6, 6)):
        where = layout.format(patient=patient, label=n % 2)
        name = f"{patient}_idx5_x{50 * x + 1}_y{50 * y + 1}_class{n % 2}.png"
        write_patch(folder / where / name, pixels=slide[50 * y : 50 * y + 50, 50 * x : 50 * x + 50])
    return slide


@pytest.fixture
def classified(command, lean_in_context):
    """Classify with the model that has a context stage; rows by file name, in the order of the CSV."""

    def run(*words):
        code, out, _ = command(main, "classify", *words, "--model", lean_in_context.name, "--gates", "off")
        assert code == 0
        return rows_of(out)

    return run


def test_a_slides_patches_are_judged_as_a_frame_of_the_same_tissue(classified, lean_in_context, tmp_path, write_patch):
    slide = write_slide(tmp_path, write_patch)
    pipeline = Pipeline(lean_in_context, Network(lean_in_context), use_gates=False)
    frame = pipeline.judge(Frame(np.ascontiguousarray(slide[:300, :300]), 4.0, 0, "a test"))
    found = {(int(row["x"]) - 1, int(row["y"]) - 1): row for row in classified(tmp_path)}
    assert len(found) == len(frame.tiles) == 36
    for tile in frame.tiles:
        row = found[tile.x, tile.y]
        assert float(row["probability"]) == pytest.approx(tile.probability, abs=2e-5) and row["label"] == tile.label


def test_a_picture_gets_context_over_its_own_grid(classified, tmp_path, write_patch):
    slide = write_slide(tmp_path / "patches", write_patch)
    picture = write_patch(tmp_path / "field.png", pixels=np.ascontiguousarray(slide[:300, :300]))
    patches = {(int(row["x"]) - 1, int(row["y"]) - 1): row["probability"] for row in classified(tmp_path / "patches")}
    cut = {(int(row["x"]), int(row["y"])): row["probability"] for row in classified(picture, "--um-per-px", 4)}
    assert cut == patches


def test_context_off_judges_each_patch_by_itself(classified, command, tmp_path, write_patch):
    write_slide(tmp_path, write_patch)
    off = classified(tmp_path, "--context", "off")
    assert [row["probability"] for row in off] != [row["probability"] for row in classified(tmp_path)]
    for row in off[:3]:
        assert classified(row["path"]) == [row]


def test_patients_are_judged_apart_and_one_patients_files_together_wherever_they_lie(classified, tmp_path, write_patch):
    for patient, seed in (("a", 3), ("b", 4)):
        write_slide(tmp_path / "apart" / patient, write_patch, patient, seed)
        write_slide(tmp_path / "by_class", write_patch, patient, seed, "{label}")

    def verdicts(rows):
        return {row["path"].rsplit("/", 1)[1]: (row["probability"], row["label"]) for row in rows}

    mixed = classified(tmp_path / "by_class")
    assert [row["patient_id"] for row in mixed] == ["a"] * 36 + ["b"] * 36
    alone = verdicts(classified(tmp_path / "apart" / "a")) | verdicts(classified(tmp_path / "apart" / "b"))
    assert verdicts(mixed) == alone


def test_an_archive_that_holds_itself_twice_is_judged_as_one_that_does_not(classified, tmp_path, write_patch):
    write_slide(tmp_path / "once", write_patch)
    for root in ("twice", "twice/IDC_regular_ps50_idx5"):
        write_slide(tmp_path / root, write_patch)
    once = {row["path"].rsplit("/", 1)[1]: row["probability"] for row in classified(tmp_path / "once")}
    twice = classified(tmp_path / "twice")
    assert len(twice) == 72
    assert all(row["probability"] == once[row["path"].rsplit("/", 1)[1]] for row in twice)


def test_a_lone_tile_and_one_whose_coordinates_cannot_be_are_judged_by_themselves(classified, tmp_path, tissue):
    lone = tissue(tmp_path / "lone.png")
    absurd = tissue(tmp_path / f"a_idx5_x{10**30}_y1_class0.png")
    tissue(tmp_path / "a_idx5_x51_y1_class0.png", 5)
    rows = {row["path"]: row for row in classified(tmp_path)}
    assert rows[str(lone)]["probability"] == rows[str(absurd)]["probability"]
    assert rows[str(absurd)]["x"] == str(10**30)


@pytest.mark.slides
def test_the_csv_of_a_real_slide_holds_the_figures_of_the_models_own_report(command, real_slides, tmp_path):
    import json

    from edge_runtime import metrics
    from edge_runtime.patches import parse_patch_name

    words = ("--gates", "off", "--context", "off", "--out", tmp_path / "tiles.csv")
    code, _, _ = command(main, "classify", real_slides, *words)
    rows = rows_of((tmp_path / "tiles.csv").read_text())
    judged = [row for row in rows if row["probability"]]
    labels = [parse_patch_name(tmp_path / row["path"].rsplit("/", 1)[1]).label for row in judged]
    called = [row["label"] == "idc" for row in judged]
    report = json.loads(open_model(shipped_path()).part("parity.json"))
    assert code == 0 and len(rows) - len(judged) == 126 and {row["reason"] for row in rows} == {"", "edge"}
    assert metrics.balanced_accuracy(labels, called) == pytest.approx(report["int8"]["balanced_accuracy"], abs=1e-3)
    assert metrics.auc(labels, [float(row["probability"]) for row in judged]) == pytest.approx(
        report["int8"]["auc"], abs=1e-3
    )


@pytest.mark.slides
def test_the_pixels_of_the_real_tiles_are_read_as_rgb(real_slides):
    mean = read_picture(next((real_slides / "8867").rglob("*.png"))).mean((0, 1))
    assert mean[0] > mean[1] < mean[2]  # haematoxylin and eosin let red and blue through
