import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.cli import main
from edge_runtime.service import asked
from edge_runtime.service.unit import Unit, quoted

SESSION = ("--session", "/var/lib/cancernet/sessions")
WORDS = ["/usr/bin/python3", "-I", "-m", "edge_runtime", "run", "pi:?um_per_px=0.39&format=NV12"]
UNITS = {
    "a Pi's camera": Unit(WORDS, camera="pi"),
    "a Pi's camera and a page": Unit(WORDS, camera="pi", is_on_network=True, has_page=True),
    "a USB camera and a page": Unit(WORDS, camera="usb", is_on_network=True, has_page=True),
    "a stream": Unit(WORDS, camera="stream", is_on_network=True),
    "a folder at home": Unit(
        WORDS, camera="folder", visible=("/home/pi/my shots",), writable=("/media/stick",), environment=("A=b c",)
    ),
}

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")


def analyze(tmp_path, unit, *words):
    file = tmp_path / "cancernet.service"
    file.write_text(unit.text(252).replace("User=cancernet", "User=daemon"))  # a user that every system has
    return subprocess.run(["systemd-analyze", *words, str(file)], capture_output=True, text=True)


@needs_systemd
@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_systemd_finds_nothing_to_say_of_the_unit(tmp_path, unit):
    done = analyze(tmp_path, unit, "verify")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_the_exposure_of_the_unit_is_at_most_two(tmp_path, unit):
    done = analyze(tmp_path, unit, "security", "--offline=true", "--threshold=20")
    assert done.returncode == 0, done.stdout[-400:]


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_service_is_watched_started_again_and_without_rights(unit):
    lines = unit.text(252).splitlines()
    for wanted in ("Type=notify", "WatchdogSec=30", "Restart=on-failure", "NoNewPrivileges=yes", "User=cancernet"):
        assert wanted in lines


def test_only_a_camera_opens_devices_and_only_a_page_or_a_stream_the_network():
    assert "PrivateDevices=yes" in UNITS["a stream"].text(252) and "PrivateNetwork" not in UNITS["a stream"].text(252)
    pi = UNITS["a Pi's camera"].text(252)
    assert "DeviceAllow=char-dma_heap rw" in pi and "PrivateDevices" not in pi and "PrivateNetwork=yes" in pi
    assert "dma_heap" not in UNITS["a USB camera and a page"].text(252)


def test_only_a_page_may_give_its_downloads_a_lower_priority():
    allowed = {name: "\nSystemCallFilter=setpriority\n" in unit.text(252) for name, unit in UNITS.items()}
    assert [name for name, is_allowed in allowed.items() if is_allowed] == [name for name in UNITS if "page" in name]


def test_the_waits_between_restarts_grow_where_systemd_can():
    assert "RestartMaxDelaySec=60" in UNITS["a stream"].text(257)
    assert "RestartMaxDelaySec" not in UNITS["a stream"].text(252)  # it would warn of it at every start


def unquoted(text):
    """Read a word as systemd does: quotes, C escapes, then %% and $$."""
    inner = text[1:-1] if text.startswith('"') else text
    return inner.encode("latin-1", "backslashreplace").decode("unicode_escape").replace("%%", "%").replace("$$", "$")


@given(st.text(st.characters(min_codepoint=1, max_codepoint=126)))
def test_any_word_reaches_the_program_as_it_was_given(word):
    text = quoted(word)
    assert "\n" not in text and unquoted(text) == word


def test_a_dry_run_prints_the_unit_and_changes_nothing(command):
    code, out, _ = command(
        main, "install-service", "--dry-run", "run", "synthetic:?rounds=9", *SESSION, "--model", "tiny"
    )
    assert code == 0
    assert "-I -m edge_runtime run synthetic:?rounds=9 --session /var/lib/cancernet/sessions --model tiny\n" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "expected the job of the service"),
        (("selftest",), "expected the job of the service"),
        (("run", "synthetic:"), "give --session"),
        (("run", "synthetic:", "--out", "/x"), "takes one run"),
        (("run", "synthetic:", "--session", "here"), "an absolute path for --session"),
        (("run", "pi:?timeout=60", *SESSION), "20 s at most"),
        (("run", "synthetic:", *SESSION, "--calibration", "/none.json"), "give one that is there"),
        (("run", "nowhere.png", *SESSION), "no such file"),
        (("run", "synthetic:", *SESSION, "--frames", "none"), "whole number"),
    ],
)
def test_a_job_that_could_not_start_is_refused_before_it_is_installed(command, words, said):
    code, _, error = command(main, "install-service", "--dry-run", *words)
    assert code == 2 and said in error


def test_files_where_a_service_sees_nothing_are_bound_for_it(command, tmp_path, monkeypatch):
    monkeypatch.setattr(asked, "HIDDEN", (tmp_path,))
    file, model = tmp_path / "instrument.json", tmp_path / "own.tflite"
    file.touch()
    model.touch()
    names = ("--calibration", file, "--model", model)
    code, out, _ = command(main, "install-service", "--dry-run", "run", "pi:", *SESSION, *names)
    assert code == 0 and f"BindReadOnlyPaths={file}\nBindReadOnlyPaths={model}\n" in out


def test_a_file_that_only_its_owner_may_read_is_refused_with_the_mend(command, tmp_path):
    file = tmp_path / "instrument.json"
    file.touch()
    file.chmod(0o600)
    code, _, error = command(main, "install-service", "--dry-run", "run", "pi:", *SESSION, "--calibration", file)
    assert code == 2 and f"chmod o+rX {file}" in error


def test_records_elsewhere_may_be_written_there(command):
    code, out, _ = command(main, "install-service", "--dry-run", "run", "pi:", "--session", "/media/stick/sessions")
    assert code == 0 and "ReadWritePaths=/media/stick/sessions\n" in out
