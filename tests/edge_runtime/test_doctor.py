import errno
import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from edge_runtime.cli import main
from edge_runtime.doctor import storage
from edge_runtime.doctor.camera import check_camera, check_rights
from edge_runtime.doctor.clock import check_clock, installed_at
from edge_runtime.doctor.computer import check_memory, check_power, check_temperature
from edge_runtime.doctor.finding import FAILED, OK, WARNING, Finding, as_json, as_text, has_failed
from edge_runtime.doctor.look import Look
from edge_runtime.doctor.packages import check_environment, check_interpreter, check_packages, sees_system_packages
from edge_runtime.doctor.probe import Tried, try_python
from edge_runtime.doctor.storage import check_disk

FIRMWARE = "sys/devices/platform/soc/soc:firmware/get_throttled"
ZONE = "sys/class/thermal/thermal_zone0"


@pytest.fixture
def pi(tmp_path):
    """A Raspberry Pi's files, and a function that changes some and returns a Look at them."""

    def look(files=(), **more):
        for name, text in dict(files).items():
            path = tmp_path / "root" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Look(root=tmp_path / "root", folder=tmp_path, **more)

    look(
        {"proc/device-tree/model": "Raspberry Pi Zero 2 W Rev 1.0\0", FIRMWARE: "0\n", f"{ZONE}/type": "cpu-thermal\n"}
    )
    return look


def tried(code=0, out="", error=""):
    """What tries something, and always ends so."""
    return lambda words, patience_s: Tried(code, out, error)


def the(findings):
    """Return the verdict, and all that is said, of the one finding there is."""
    (finding,) = findings
    return finding.verdict, f"{finding.found} -> {finding.mend}"


@pytest.mark.parametrize(
    ("free_kb", "verdict"), [(1_000_000, OK), (300_000, WARNING), (200_000, FAILED)], ids=["much", "little", "none"]
)
def test_memory_is_enough_for_a_run_and_for_the_system_beside_it(pi, free_kb, verdict):
    files = {"proc/meminfo": f"MemTotal:  427000 kB\nMemAvailable: {free_kb} kB\nHugePages_Total: 0\n"}
    assert the(check_memory(pi(files)))[0] == verdict


@pytest.mark.parametrize(("cpu_mc", "verdict"), [(74_000, OK), (76_000, WARNING), (90_000, WARNING)])
def test_a_warm_board_is_told_how_much_slower_it_will_be(pi, cpu_mc, verdict):
    found = the(check_temperature(pi({f"{ZONE}/temp": str(cpu_mc)})))
    assert found[0] == verdict and (verdict == OK or "rests for" in found[1])


@pytest.mark.parametrize(
    ("bits", "verdict", "said"),
    [
        ("0", OK, "no under-voltage"),
        ("50005", FAILED, "under-voltage now"),
        ("50000", WARNING, "under-voltage since the start"),
        ("e0000", WARNING, "was held back since"),
        ("4", WARNING, "held back now"),
    ],
)
def test_the_power_supply_of_now_and_of_before_is_told(pi, bits, verdict, said):
    found = the(check_power(pi({FIRMWARE: bits})))
    assert found[0] == verdict and said in found[1]


def test_a_computer_that_tells_nothing_of_its_supply_is_not_blamed(tmp_path):
    assert the(check_power(Look(root=tmp_path)))[0] == OK


@pytest.mark.parametrize(
    ("files", "days", "verdict"),
    [
        ({}, -30, FAILED),  # a Pi that starts without a network begins where it last stood, or in 1970
        ({}, 1, WARNING),
        ({"dev/rtc0": ""}, 1, OK),
        ({"run/systemd/timesync/synchronized": ""}, 1, OK),
    ],
    ids=["before this program was there", "kept by nothing", "kept by a battery", "synchronised"],
)
def test_the_clock_is_held_against_the_time_of_installation_and_asked_who_keeps_it(pi, files, days, verdict):
    now = installed_at() + timedelta(days=days)
    found = the(check_clock(pi(files, now=now)))
    assert found[0] == verdict and (verdict == OK or "timedatectl" in found[1])


def test_the_kernels_own_clock_is_asked_on_this_computer():
    assert the(check_clock(Look(now=datetime.now(timezone.utc) + timedelta(days=1))))[0] in (OK, WARNING)


def test_records_can_be_written_and_read_in_a_folder_that_is_still_to_be_made(tmp_path):
    found = the(check_disk(Look(folder=tmp_path / "sessions" / "of today")))
    assert found[0] in (OK, WARNING) and "is safe after" in found[1] and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("number", "mend"), [(errno.EROFS, "worn out"), (errno.EACCES, "chown"), (errno.EIO, "take another one")]
)
def test_a_card_that_cannot_be_written_fails_with_the_mend_of_its_error(tmp_path, monkeypatch, number, mend):
    def fail(folder):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(storage, "_write_and_read", fail)
    found = the(check_disk(Look(folder=tmp_path)))
    assert found[0] == FAILED and mend in found[1]


@pytest.mark.parametrize(
    ("free_bytes", "slowest_s", "verdict"),
    [(5e9, 0.01, OK), (5e9, 0.5, WARNING), (1e9, 0.01, WARNING), (1e8, 0.01, FAILED)],
)
def test_little_room_and_a_slow_card_are_told(tmp_path, monkeypatch, free_bytes, slowest_s, verdict):
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": free_bytes}))
    monkeypatch.setattr(storage, "_write_and_read", lambda folder: slowest_s)
    assert the(check_disk(Look(folder=tmp_path)))[0] == verdict


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        ("ValueError: numpy.dtype size changed, may indicate binary incompatibility", "numpy<2"),
        ("ImportError: libGL.so.1: cannot open shared object file", "headless"),
        ("ModuleNotFoundError: No module named 'numpy'", "requirements-edge.txt"),
    ],
)
def test_packages_that_do_not_load_are_mended_by_what_they_died_of(error, mend):
    found = the(check_packages(Look(try_=tried(1, error=error))))
    assert found[0] == FAILED and mend in found[1]


def test_a_library_that_kills_the_process_is_a_finding():
    found = the(check_packages(Look(try_=tried(-4))))
    assert found[0] == FAILED and "SIGILL" in found[1]


def test_an_interpreter_is_built_and_the_model_replayed_in_it():
    built, model = check_interpreter(Look(model="tiny"))
    assert (built.verdict, model.verdict) == (OK, OK) and "tiny.tflite" in model.found


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        ("cancernet: no interpreter is installed; install one of: ...", "requirements-edge.txt"),
        ("cancernet: tflite_runtime does not work with this numpy (_ARRAY_API not found)", "numpy<2"),
        ("cancernet: x.tflite is damaged: expected its seal", "copy the model file again"),
    ],
)
def test_an_interpreter_that_cannot_be_built_is_told_with_its_mend(error, mend):
    found = the(check_interpreter(Look(try_=tried(2, error=error))))
    assert found[0] == FAILED and mend in found[1] and "cancernet:" not in found[1]


def test_a_model_that_computes_something_else_here_fails():
    words = {"runtime": "litert", "kernels": "xnnpack", "file": "lean.tflite", "exact": 3, "vectors": 32}
    words |= {"worst_steps": 9, "tolerance_steps": 1, "passed": False}
    built, model = check_interpreter(Look(try_=tried(1, json.dumps(words))))
    assert (built.verdict, model.verdict) == (OK, FAILED) and "not to be trusted" in model.found


def with_picamera2(pi, **more):
    return pi({"usr/lib/python3/dist-packages/picamera2/__init__.py": ""}, **more)


def test_an_environment_that_does_not_see_picamera2_is_told_how_to(pi, tmp_path, monkeypatch):
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    found = the(check_environment(with_picamera2(pi, try_=tried(1, error="No module named 'picamera2'"))))
    assert found[0] == FAILED and "include-system-site-packages = true" in found[1]


def test_a_picamera2_that_dies_of_numpy_is_told_so(pi, tmp_path, monkeypatch):
    (tmp_path / "pyvenv.cfg").write_text("include-system-site-packages = true\n")
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    error = "ValueError: numpy.dtype size changed, may indicate binary incompatibility"
    found = the(check_environment(with_picamera2(pi, try_=tried(1, error=error))))
    assert found[0] == FAILED and "Pi OS 12: pip install 'numpy<2'" in found[1]


def test_where_picamera2_is_not_installed_nobody_asks_for_it(pi):
    assert the(check_environment(pi(try_=tried(1))))[0] == OK


def test_a_folder_without_pyvenv_cfg_is_no_environment(tmp_path):
    assert sees_system_packages(tmp_path) is None


def frame(**more):
    return json.dumps({"size": [640, 480], "seconds": 0.5, "mean": 130, "dark": 0.0, "clipped": 0.0} | more)


@pytest.mark.parametrize(
    ("out", "verdict", "said"),
    [
        (frame(), OK, "640x480 px"),
        (frame(dark=1.0), WARNING, "switch the lamp on"),
        (frame(clipped=0.9), WARNING, "90% of it overexposed"),
    ],
)
def test_a_frame_is_taken_and_looked_at(out, verdict, said):
    found = the(check_camera(Look(source="usb:0", try_=tried(0, out))))
    assert found[0] == verdict and said in found[1]


def test_a_real_source_gives_a_frame():
    assert the(check_camera(Look(source="synthetic:?size=300x300&frame=320x240")))[0] == OK


def test_a_source_without_a_scale_is_looked_at_all_the_same(tmp_path, write_patch):
    assert the(check_camera(Look(source=str(write_patch(tmp_path / "a.png", 200, 300)))))[0] == OK


@pytest.mark.parametrize("source", ["usb:99", "no/such/file.png", "pi:?colour=9", "kind:of"])
def test_a_source_that_gives_nothing_fails_with_its_own_word(source):
    found = the(check_camera(Look(source=source)))
    assert found[0] == FAILED and "Traceback" not in found[1]


def test_a_driver_that_hangs_is_a_finding():
    found = the(check_camera(Look(source="usb:0", try_=tried(None))))
    assert found[0] == FAILED and "did not come back" in found[1]


def test_cameras_are_listed_where_no_source_is_named(pi):
    usb = {"sys/class/video4linux/video8/name": "USB Microscope\n", "sys/class/video4linux/video8/index": "0\n"}
    data = {"sys/class/video4linux/video9/name": "USB Microscope\n", "sys/class/video4linux/video9/index": "1\n"}
    codec = {"sys/class/video4linux/video10/name": "bcm2835-codec-decode\n"}
    look = with_picamera2(
        lambda files, **more: pi(files | usb | data | codec, **more), try_=tried(0, "pi:0 (imx477)\n")
    )
    found = the(check_camera(look))
    assert found[0] == WARNING and "there are pi:0 (imx477), usb:8 (USB Microscope); none was tried" in found[1]


def test_a_pi_without_a_camera_is_told_where_to_look(pi):
    assert "ribbon cable" in the(check_camera(pi(try_=tried(1))))[1]


def test_devices_that_this_user_may_not_open_fail_with_the_group(pi, monkeypatch):
    look = pi({"dev/video0": "", "dev/dma_heap/linux,cma": ""})
    assert the(check_rights(look))[0] == OK
    monkeypatch.setattr(os, "access", lambda path, mode: "video0" not in Path(path).name)
    found = the(check_rights(look))
    assert found[0] == FAILED and "usermod -a -G video" in found[1] and "dma_heap" not in found[1]


def test_a_computer_without_devices_of_cameras_has_no_rights_to_miss(pi):
    assert list(check_rights(pi())) == []


def test_the_report_has_a_mend_below_what_is_not_well():
    findings = [Finding("disk", OK, "room"), Finding("camera", FAILED, "none", "plug one in")]
    assert as_text(findings).splitlines() == [
        "ok       disk    room",
        "FAILED   camera  none",
        "                 -> plug one in",
        "",
        "1 ok, 0 warnings, 1 failed",
    ]
    assert json.loads(as_json(findings))[1] == {
        "check": "camera",
        "verdict": "failed",
        "found": "none",
        "mend": "plug one in",
    }
    assert has_failed(findings) and not has_failed(findings[:1])


@pytest.mark.parametrize(("verdict", "mend"), [(OK, "do"), (FAILED, ""), (WARNING, ""), ("fine", "")])
def test_what_is_not_well_has_a_mend_and_what_is_well_has_none(verdict, mend):
    with pytest.raises(ValueError, match="mend"):
        Finding("disk", verdict, "it is", mend)


def test_a_try_tells_its_last_word_or_its_signal():
    assert try_python(["-c", "raise SystemExit('no\\nway')"], 60).why == "way"
    assert try_python(["-c", "import os; os.abort()"], 60).why == "it died of SIGABRT"
    assert try_python(["-c", "while True: pass"], 0.1).code is None


@pytest.mark.parametrize(("source", "code"), [("synthetic:?size=300x300&frame=320x240", 0), ("usb:99", 1)])
def test_the_doctor_looks_at_all_and_fails_when_one_check_does(command, tmp_path, source, code):
    words = ("doctor", "--json", "--source", source, "--records", tmp_path)
    found, out, _ = command(main, *words)
    report = {each["check"]: each for each in json.loads(out)}
    assert {"computer", "memory", "clock", "disk", "packages", "interpreter", "model", "camera"} <= set(report)
    assert found == code and (report["camera"]["verdict"] == "failed") == bool(code)
