"""`cancernet serve` as a process: the page is there at once, and a signal ends both page and session as they should."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request

import pytest

from edge_runtime.cli import main
from edge_runtime.session.listing import sessions_in
from edge_runtime.session.reading import read_session
from tests.conftest import ROOT

pytest.importorskip("fastapi", reason="needs the extra `live`")
_PATIENCE_S = 60


def ask(url):
    with urllib.request.urlopen(url, timeout=_PATIENCE_S) as answer:
        return json.load(answer)


@pytest.fixture
def process(tmp_path):
    words = ["serve", "synthetic:?size=400x500&frame=640x400&um_per_px=2&rounds=1000000", "--threads", "1"]
    words += ["--port", "0", "--session", str(tmp_path), "--record", "S-1", "--keep", "none"]
    command = [sys.executable, "-m", "edge_runtime", *words]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as found:
        yield found
        found.kill()


def test_a_signal_ends_the_page_and_the_session(process, tmp_path):
    url = next(line.split()[-1] for line in process.stderr if "the page is at" in line)
    newest = ask(f"{url}api/v1/views/newest?wait=20")
    assert newest["view"]["grid"] == [4, 7] and newest["state"]["phase"] == "running"
    again = ask(f"{url}api/v1/views/newest?wait=20&after={newest['view']['number']}")
    assert again["view"]["number"] > newest["view"]["number"]
    with urllib.request.urlopen(f"{url}api/v1/frames/{again['view']['number']}/picture", timeout=60) as picture:
        assert picture.read(2) == b"\xff\xd8"
    process.send_signal(signal.SIGTERM)
    assert process.wait(_PATIENCE_S) == 0
    assert "research use only" in process.stderr.read()
    with read_session(sessions_in(tmp_path)[0]) as session:
        assert (session.info.slide, session.info.ended_by) == ("S-1", "asked") and len(session) > 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--record", "S"], "expected --session DIR beside --record"),
        (["--um-per-px", "-1"], "positive number"),
        (["--mqtt", "http://x"], "mqtt://HOST"),
        (["--mqtt", "mqtt://me:secret@x"], "without user and password"),
        (["--mqtt", "mqtt://x/a/#"], "mqtt://HOST"),
        (["--mqtt-user", "me"], "expected --mqtt URL"),
        (["--host", "0.0.0.0"], "anybody on the network"),
        (["--model", "nowhere.tflite"], "nowhere"),
    ],
)
def test_options_that_cannot_be_used_end_it_before_anything_opens(command, words, message):
    code, out, err = command(main, "serve", "synthetic:", *words)
    assert (code, out, len(err.splitlines())) == (2, "", 1) and message in err


def test_a_source_that_is_not_there_is_bad_input(command):
    code, _, err = command(main, "serve", "nowhere.png", "--port", "0")
    assert code == 2 and "no such file" in err
