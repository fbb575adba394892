"""Several devices, and several processes, train as one: each run in processes of their own, as TensorFlow's devices are
fixed once it has computed anything."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.tf,
    pytest.mark.skipif(importlib.util.find_spec("tensorflow") is None, reason="TensorFlow is not installed"),
]

ROOT = Path(__file__).resolve().parents[2]
ROUNDING = 1e-4
"""Replicas add the same float32 numbers in another order (relative 1e-7), which Adam's division enlarges by and by."""


def start(folder, *options, tf_config=None):
    command = [sys.executable, ROOT / "tests/train/crew_member.py", folder, *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CONFIG": json.dumps(tf_config or {})}
    return subprocess.Popen(
        list(map(str, command)), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def start_two(folder, *options_of_second):
    """Start two workers on loopback."""
    with socket.create_server(("localhost", 0)) as one, socket.create_server(("localhost", 0)) as other:
        workers = [f"localhost:{free.getsockname()[1]}" for free in (one, other)]
    roles = [{"cluster": {"worker": workers}, "task": {"type": "worker", "index": n}} for n in range(2)]
    options = ((), options_of_second)
    return [start(folder, "--strategy", "multiworker", *options[n], tf_config=role) for n, role in enumerate(roles)]


def finish(process):
    out, err = process.communicate(timeout=300)
    return process.returncode, [json.loads(line) for line in out.splitlines()], err


def figures(records):
    return [[record[name] for name in ("epoch", "loss", "accuracy", "val_loss")] for record in records]


def history(folder):
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one device finds."""
    code, records, err = finish(start(tmp_path_factory.mktemp("alone") / "seed0"))
    assert code == 0 and len(records) == 3, err
    return records


def test_two_devices_reach_the_loss_of_one_with_dropout_batch_norm_and_mixup(alone, tmp_path):
    code, records, err = finish(start(tmp_path / "seed0", "--strategy", "mirrored", "--devices", 2))
    assert code == 0, err
    for one, two in zip(figures(alone), figures(records), strict=True):
        assert two == pytest.approx(one, rel=ROUNDING)


def test_two_processes_reach_the_loss_of_one_and_go_on_when_one_was_killed(alone, tmp_path):
    folder = tmp_path / "seed0"
    (code, _, err), (killed, _, _) = map(finish, start_two(folder, "--after", 1, "--then", "killed"))
    assert killed == -9 and code == 3 and "another host went away" in err and "Traceback" not in err
    assert [record["epoch"] for record in history(folder)] == [1]
    (code, records, err), (other, same, _) = map(finish, start_two(folder))
    assert code == other == 0, err
    assert [record["epoch"] for record in records] == [2, 3] and figures(records) == figures(same)
    for one, two in zip(figures(alone), figures(history(folder)), strict=True):
        assert two == pytest.approx(one, rel=ROUNDING)


def test_a_full_disk_ends_a_run_with_advice_and_leaves_checkpoints_to_go_on_from(alone, tmp_path):
    folder = tmp_path / "seed0"
    code, _, err = finish(start(folder, "--after", 1, "--then", "full"))
    assert code == 2 and "is full" in err and "free some space" in err and "Traceback" not in err
    code, records, err = finish(start(folder))
    assert code == 0 and [record["epoch"] for record in records] == [2, 3], err
    assert figures(history(folder)) == figures(alone)
