"""`cancernet calibrate`, as a technician uses it: step after step into one file, or all from pictures."""

from __future__ import annotations

import json
import re

import cv2
import numpy as np
import pytest

from edge_runtime.calibration import read_calibration
from edge_runtime.cameras.degrade import falloff_map
from edge_runtime.cli import main
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.procedural import make_slide
from edge_runtime.procedural.micrometer import Micrometer

SIZE = 480, 640
UM_PER_PX = 1.0


def save(path, rgb):
    path.parent.mkdir(exist_ok=True)
    assert cv2.imwrite(str(path), np.ascontiguousarray(rgb[..., ::-1]))
    return path


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """Pictures that a camera took: micrometer, blank, field."""
    folder = tmp_path_factory.mktemp("shown")
    light = 0.9 * falloff_map(SIZE, 0.3)[..., None]
    save(folder / "micrometer.png", Micrometer(UM_PER_PX, angle=5, vignette=0.3).draw(SIZE))
    save(folder / "blank.png", np.rint(light * np.asarray(GLASS_RGB)).astype(np.uint8))
    slide = make_slide(0, (400, 500)).rgb[100 : 100 + SIZE[0] // 4, 150 : 150 + SIZE[1] // 4]
    field = cv2.resize(slide, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    save(folder / "field.png", np.rint(light * field).astype(np.uint8))
    save(folder / "small.png", np.full((240, 320, 3), 230, np.uint8))
    return folder


def test_all_steps_at_once_from_pictures(command, shown, tmp_path):
    out, lines = tmp_path / "i.json", tmp_path / "lines.png"
    looks = ["--micrometer", shown / "micrometer.png", "--blank", shown / "blank.png", "--tissue", "--picture", lines]
    code, text, err = command(
        main, "calibrate", shown / "field.png", "--out", out, "--objective", "4", "--camera", "pi:", *looks
    )
    assert code == 0, err
    said, found = json.loads(text), read_calibration(out)
    assert said["sha256"] == found.sha256
    assert said["has"] == ["scale", "blank", "focus"]
    assert found.um_per_px == pytest.approx(UM_PER_PX, rel=0.003)
    assert (found.objective, found.camera.kind, found.name) == ("4x", "pi", "i")
    assert found.blank.evenness == pytest.approx(0.7, abs=0.03)
    assert said["focus"]["scale_by_tissue"] in ("agrees", "cannot_tell")
    assert cv2.imread(str(lines)).shape == (*SIZE, 3)


def test_one_step_after_the_other_adds_to_the_file_and_a_step_again_changes_its_own_part_alone(
    command, shown, tmp_path
):
    out = tmp_path / "i.json"
    for source, step in (("micrometer.png", "--micrometer"), ("blank.png", "--blank"), ("field.png", "--tissue")):
        assert command(main, "calibrate", shown / source, step, "--out", out)[0] == 0
    found = read_calibration(out)
    assert None not in (found.blank, found.focus)
    assert command(main, "calibrate", shown / "blank.png", "--blank", "--average", 1, "--out", out)[0] == 0
    again = read_calibration(out)
    assert (again.scale, again.focus, again.blank.shading) == (found.scale, found.focus, found.blank.shading)


def test_the_scale_may_be_reckoned_from_objective_and_sensor(command, shown, tmp_path):
    out = tmp_path / "i.json"
    optics = ["--objective", "4x", "--sensor-px-um", "4", "--relay", "0.5"]
    assert command(main, "calibrate", shown / "field.png", "--out", out, *optics)[0] == 0
    assert read_calibration(out).um_per_px == 2.0
    assert read_calibration(out).scale.method == "optics"


def test_a_new_scale_makes_an_old_focus_baseline_void(command, shown, tmp_path):
    out = tmp_path / "i.json"
    assert command(main, "calibrate", shown / "field.png", "--um-per-px", 1, "--tissue", "--out", out)[0] == 0
    assert command(main, "calibrate", shown / "field.png", "--um-per-px", 2, "--out", out)[0] == 0
    assert read_calibration(out).focus is None


def test_tissue_that_contradicts_the_scale_is_warned_of(command, shown, tmp_path):
    slide = make_slide(0, (700, 900))
    rows, columns = np.nonzero(slide.classes == 3)
    y, x = int(np.median(rows)) - 90, int(np.median(columns)) - 120
    tumour = cv2.resize(slide.rgb[y : y + 180, x : x + 240], None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)
    field, out = save(tmp_path / "field.png", tumour), tmp_path / "i.json"
    code, text, err = command(main, "calibrate", field, "--um-per-px", "2", "--tissue", "--out", out)
    assert (code, json.loads(text)["focus"]["scale_by_tissue"]) == (0, "off")
    assert "the scale seems" in err and "times too large" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "expected something to calibrate, found nothing"),
        (["--blank"], "expected a scale first"),
        (["--tissue"], "expected a scale first"),
        (["--micrometer", "--blank"], "to show one thing at a time, found --micrometer and --blank"),
        (["--micrometer"], "expected the lines of a stage micrometer"),
        (["--micrometer", "nowhere.png"], "no such file"),
        (["--um-per-px", "1", "--tissue", "blank.png"], "expected a field full of tissue"),
        (["--um-per-px", "1", "--tissue", "micrometer.png"], "expected a field full of tissue"),
        (["--um-per-px", "1", "--blank", "micrometer.png"], "found something in view"),
        (["--picture", "p.png", "--um-per-px", "1"], "expected --micrometer beside --picture"),
        (["--um-per-px", "0"], "positive number"),
        (["--um-per-px", "1", "--blank"], "found something in view|a pink one"),
        (["--um-per-px", "1", "--blank", "small.png"], "expected the camera .* found files: at 320x240 px"),
        (["--um-per-px", "1", "--camera", "pi"], "expected --camera KIND:NAME"),
        (["--um-per-px", "1", "--objective", "4", "--sensor-px-um", "20"], "expected 5 µm per px by objective"),
        (["--sensor", "imx477"], "expected --objective with its magnification"),
        (["--sensor", "imx477", "--objective", "4", "--sensor-crop", "4056x2000"], "pixels would not be square"),
        (["--sensor", "imx477", "--objective", "4", "--sensor-crop", "big"], "expected WIDTHxHEIGHT"),
        (["--sensor", "hal", "--objective", "4"], "expected one of the sensors"),
        (["--sensor", "imx477", "--sensor-px-um", "1", "--objective", "4"], "found both"),
        (["--sensor", "imx477", "--objective", "4", "--tube-mm", "180"], "both tube lengths or neither"),
        (["--valid-days", "99999", "--um-per-px", "1"], "1 to 3650 days"),
        (["--micrometer", "micrometer.png", "--micrometer-um", "-1"], "expected a micrometer's pitch"),
        (["--micrometer", "micrometer.png", "--um-per-px", "0.1"], "found 1 on the micrometer, 10 times that"),
    ],
)
def test_a_mistake_is_one_sentence_and_nothing_is_written(command, shown, tmp_path, words, message, monkeypatch):
    monkeypatch.chdir(shown)
    out = tmp_path / "i.json"
    code, text, err = command(main, "calibrate", "field.png", "--out", out, *words)
    assert (code, text) == (2, "")
    assert re.search(message, err), err
    assert not out.exists()


def test_a_file_of_another_objective_camera_or_layout_is_not_added_to(command, shown, tmp_path):
    out = tmp_path / "i.json"
    start = ["calibrate", shown / "field.png", "--out", out, "--um-per-px", "1"]
    assert command(main, *start, "--objective", "4")[0] == 0
    before = out.read_bytes()
    for words, message in (
        (["--objective", "10"], "expected the objective 4x that it is of, found 10x"),
        (["--camera", "usb:/dev/video0"], "found usb:/dev/video0 at 640x480"),
    ):
        code, _, err = command(main, *start, *words)
        assert code == 2 and message in err
    assert out.read_bytes() == before
    assert command(main, *start, "--objective", "10", "--new")[0] == 0
    assert read_calibration(out).objective == "10x"
    out.write_text('{"calibration_version": 1, "um_per_px": 1}')
    code, _, err = command(main, *start)
    assert code == 2 and "start afresh with --new" in err


def test_a_folder_of_pictures_of_several_sizes_is_refused(command, shown, tmp_path):
    for name, width in (("a.png", 320), ("b.png", 300)):
        save(tmp_path / "folder" / name, np.full((240, width, 3), 230, np.uint8))
    words = ["--um-per-px", "1", "--blank", tmp_path / "folder", "--out", tmp_path / "i.json"]
    code, _, err = command(main, "calibrate", shown / "small.png", *words)
    assert code == 2 and "expected pictures of one size, found 320x240 and 300x240 px" in err


def test_a_drawn_camera_can_be_calibrated(command, tmp_path):
    out = tmp_path / "i.json"
    source = "synthetic:?frame=640x480&size=400x500"
    assert command(main, "calibrate", source, "--um-per-px", "0.8", "--out", out)[0] == 0
    assert read_calibration(out).camera.kind == "synthetic"
