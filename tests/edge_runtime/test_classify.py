import csv
import io

import cv2
import numpy as np
import pytest

from edge_runtime.cli import main
from edge_runtime.model_file import open_model, shipped_path
from edge_runtime.pictures import read_picture
from edge_runtime.procedural import make_slide
from tests.conftest import SLIDES

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
    rows = {row["path"].rsplit("/", 1)[1]: row for row in rows_of(command(main, "classify", tmp_path)[1])}
    assert all(row["probability"] for row in rows.values())
    assert rows["rgba.png"]["probability"] == rows["colour.png"]["probability"]


def test_a_picture_is_cut_at_its_scale_into_tiles_with_places_in_its_own_pixels(command, tmp_path, write_patch):
    slide = make_slide(seed=3, size=(250, 350)).rgb
    picture = write_patch(tmp_path / "field.png", pixels=slide.repeat(4, 0).repeat(4, 1))
    rows = rows_of(command(main, "classify", picture, "--um-per-px", "1")[1])
    assert [(row["x"], row["y"]) for row in rows] == [
        (str(x), str(y)) for y in range(0, 1000, 200) for x in range(0, 1400, 200)
    ]
    assert (
        rows_of(command(main, "classify", write_patch(tmp_path / "same.png", pixels=slide), "--um-per-px", "4")[1])[7][
            "probability"
        ]
        == rows[7]["probability"]
    )


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


@pytest.mark.slides
def test_the_csv_of_a_real_slide_holds_the_figures_of_the_models_own_report(command, real_slides, tmp_path):
    import json

    from edge_runtime import metrics
    from edge_runtime.patches import parse_patch_name

    code, _, _ = command(main, "classify", real_slides, "--gates", "off", "--out", tmp_path / "tiles.csv")
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
    assert SLIDES.exists()
