"""`cancernet run --calibration`, as a technician uses it: pictures that one camera took, calibrated and judged."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import cv2
import numpy as np
import pytest

from edge_runtime.calibration import read_calibration, write_calibration
from edge_runtime.cameras.degrade import falloff_map
from edge_runtime.cli import main
from edge_runtime.flat_field import GLASS_RGB
from edge_runtime.procedural import make_slide

SIZE = 400, 600
LIGHT = (falloff_map(SIZE, 0.4)[..., None] * np.asarray([0.93, 0.9, 0.85])).astype(np.float32)


def save(path, rgb, level=1.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    lit = cv2.multiply(rgb, np.asarray(LIGHT * level, np.float32), dtype=cv2.CV_8U)
    assert cv2.imwrite(str(path), np.ascontiguousarray(lit[..., ::-1]))


@pytest.fixture(scope="module")
def instrument(tmp_path_factory):
    """A folder with pictures of glass, of fields, of the same while the lamp dims, and a calibration of the camera."""
    folder = tmp_path_factory.mktemp("instrument")
    save(folder / "blank.png", np.broadcast_to(np.rint(GLASS_RGB).astype(np.uint8), (*SIZE, 3)))
    slide = make_slide(0, (800, 900)).rgb
    fields = [slide[y : y + 200, x : x + 300] for y in (0, 200, 400, 600) for x in (0, 300, 600)]
    for n, field in enumerate(fields):
        seen = cv2.resize(field, SIZE[::-1], interpolation=cv2.INTER_CUBIC)
        save(folder / "fields" / f"{n:02d}.png", seen)
        save(folder / "dimming" / f"{n:02d}.png", seen, 1 if n < 3 else 0.8)
    words = ["--um-per-px", "2", "--objective", "4x", "--camera", "pi:", "--out", str(folder / "i.json")]
    assert main(["calibrate", str(folder / "fields"), *words, "--blank", str(folder / "blank.png")]) == 0
    return folder


def run(command, instrument, source, *words):
    found = command(main, "run", instrument / source, "--calibration", instrument / "i.json", "--camera", "pi:", *words)
    return found[0], [json.loads(line) for line in found[1].splitlines()], found[2]


def test_records_name_the_calibration_and_alarms_are_told_once_and_counted(command, instrument, tmp_path):
    code, records, err = run(command, instrument, "dimming", "--objective", "4", "--out", tmp_path)
    sha = read_calibration(instrument / "i.json").sha256
    assert code == 0 and {record["calibration_sha256"] for record in records} == {sha}
    standing = [[alarm["reason"] for alarm in record["alarms"]] for record in records]
    assert standing[0] == [] and standing[-1] == ["lamp_dim"]
    assert err.count("lamp_dim: expected light") == 1 and "frames under alarm {'lamp_dim':" in err
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["calibration_sha256"], summary["warnings"]) == (sha, [])
    assert summary["alarms"] == {
        "lamp_dim": {"first_frame": standing.index(["lamp_dim"]), "times": 1, "frames": standing.count(["lamp_dim"])}
    }
    assert {"light", "drift"} <= set(summary["milliseconds"])
    panels = [cv2.imread(str(tmp_path / "overlays" / f"frame_{n:06d}.png")) for n in (0, len(records) - 1)]
    assert panels[0].shape[1] == panels[1].shape[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--objective", "10x"], "expected the objective 4x that the calibration 'i' is of, found 10x"),
        (
            ["--camera", "usb:/dev/video0"],
            "expected frames of the camera pi: that the calibration 'i' is of, found usb:",
        ),
        (["--um-per-px", "1"], "not allowed with argument"),
    ],
)
def test_what_the_calibration_is_not_of_is_refused_in_one_line(command, instrument, words, message):
    code, records, err = run(command, instrument, "fields", *words)
    assert (code, records) == (2, []) and message in err


def test_frames_of_another_resolution_are_refused_by_name_and_the_summary_is_written(command, instrument, tmp_path):
    save(tmp_path / "small" / "a.png", np.full((*SIZE, 3), 240, np.uint8))
    picture = cv2.imread(str(tmp_path / "small" / "a.png"))
    cv2.imwrite(str(tmp_path / "small" / "a.png"), picture[:200, :300])
    words = ["--calibration", instrument / "i.json", "--camera", "pi:", "--out", tmp_path / "out"]
    code, out, err = command(main, "run", tmp_path / "small", *words)
    assert code == 2 and out == "" and "expected frames of 600x400 px, the resolution" in err
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["frames"] == 0


def test_a_calibration_that_expired_is_warned_of_and_the_summary_says_so(command, instrument, tmp_path):
    import dataclasses

    found = read_calibration(instrument / "i.json")
    long_ago = (datetime.now(timezone.utc) - timedelta(days=40)).isoformat(timespec="seconds")
    old = dataclasses.replace(found, scale=dataclasses.replace(found.scale, made_at=long_ago))
    write_calibration(tmp_path / "old.json", old)
    words = ["--calibration", tmp_path / "old.json", "--camera", "pi:", "--frames", 1, "--out", tmp_path / "out"]
    code, _, err = command(main, "run", instrument / "fields", *words)
    assert code == 0 and "expired on" in err
    assert "expired on" in json.loads((tmp_path / "out" / "summary.json").read_text())["warnings"][0]
