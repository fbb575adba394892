"""`cancernet replay`: what a person learns when a session is judged again."""

from __future__ import annotations

import json

import pytest

from edge_runtime.cli import main
from edge_runtime.network import Network
from edge_runtime.session.folder import sessions_in

SOURCE = "synthetic:?frame=480x360&um_per_px=1.6&size=300x400"


@pytest.fixture
def session(command, tmp_path):
    """A session of three frames; further words go to `cancernet run`."""

    def record(*words):
        code, _, _ = command(main, "run", SOURCE, "--frames", 3, "--session", tmp_path / "sessions", *words)
        assert code == 0
        return sessions_in(tmp_path / "sessions")[-1]

    return record


def replayed(command, *words):
    code, out, err = command(main, "replay", *words)
    *frames, summary = map(json.loads, out.splitlines())
    return code, frames, summary, err


def test_a_session_judged_again_by_its_own_model_says_the_same_of_every_tile(command, session):
    code, frames, summary, _ = replayed(command, session())
    assert code == 0 and [frame["frame"] for frame in frames] == [0, 1, 2]
    assert all(frame["changed"] == [] for frame in frames)
    assert summary["own_model"] is True and summary["tiles_changed"] == 0 < summary["tiles"]
    assert summary["probability_moved_most"] == 0 and summary["verdicts_changed"] == {} and summary["left_out"] == []


def test_another_model_shows_what_changed_of_each_tile(command, session):
    code, frames, summary, _ = replayed(command, session(), "--model", "tiny")
    assert code == 0 and summary["own_model"] is False
    changed = [tile for frame in frames for tile in frame["changed"]]
    assert len(changed) == summary["tiles_changed"] > 0
    moves = [abs(t["now"]["probability"] - t["then"]["probability"]) for t in changed if "probability" in t["then"]]
    assert max(moves) == pytest.approx(summary["probability_moved_most"]) and max(moves) > 0
    others = [t for t in changed if t["now"].get("label") != t["then"].get("label")]
    assert sum(summary["verdicts_changed"].values()) == len(others)


def test_a_program_that_judges_otherwise_than_then_fails(command, session, monkeypatch):
    folder, honest = session(), Network.logits
    monkeypatch.setattr(Network, "logits", lambda *args, **more: honest(*args, **more) + 0.25)
    monkeypatch.setattr("edge_runtime.opening.require_selftest", lambda *args: None)
    code, _, summary, err = replayed(command, folder)
    assert code == 1 and summary["tiles_changed"] > 0 and "to the bit" in err


def test_a_session_without_fields_cannot_be_judged_again_and_says_what_to_record(command, session):
    code, frames, summary, err = replayed(command, session("--keep", "pictures"))
    assert code == 2 and frames == [] and summary["frames"] == 0 and len(summary["left_out"]) == 3
    assert "--keep fields" in err


def test_the_lines_may_go_to_a_file(command, session, tmp_path):
    code, out, _ = command(main, "replay", session(), "--out", tmp_path / "changes.jsonl")
    assert code == 0 and out == "" and len((tmp_path / "changes.jsonl").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "expected a session"),
        (["{session}", "--model", "nothing.tflite"], "nothing.tflite"),
        (["{session}", "--out", "{session}"], "cannot"),
    ],
)
def test_what_cannot_be_used_is_refused_in_a_sentence(command, session, words, said):
    folder = session()
    code, _, err = command(main, "replay", *(word.format(session=folder) for word in words))
    assert code == 2 and said in err and "Traceback" not in err
