"""The Debian package and its service under a real systemd, in namespaces of their own.

CANCERNET_DEBIAN names a folder with bookworm/ or trixie/ (roots), or both, and their packages, *.deb;
.ci/run makes one with trixie/.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

FOLDER = Path(os.environ.get("CANCERNET_DEBIAN", ""))
LABS = ROOT / "tests" / "labs"

pytestmark = pytest.mark.skipif(not os.environ.get("CANCERNET_DEBIAN"), reason="needs CANCERNET_DEBIAN, see .ci/run")


@pytest.fixture(scope="module", params=[("bookworm", 12), ("trixie", 13)], ids=lambda each: each[0])
def lived(request):
    """What a package and its service lived through in a Debian."""
    suite, release = request.param
    root = FOLDER / suite
    packages = list(FOLDER.glob(f"cancernet-edge_*+deb{release}_amd64.deb"))
    if not packages or not (root / ".ready").exists():
        pytest.skip(f"{root} or its package was not made here; .ci/run makes those of trixie")
    shutil.copy(max(packages, key=lambda path: path.stat().st_mtime), root / "root" / "package.deb")
    for name in ("service_in_root.py", "served_in_root.py"):
        shutil.copy(LABS / name, root / "root")
    shutil.rmtree(root / "var/lib/cancernet", ignore_errors=True)
    command = [LABS / "service_root.sh", root, "--", "python3", "/root/service_in_root.py", "/root/package.deb"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_package_installs_and_the_doctor_finds_the_computer_fit(lived):
    assert lived["installed"]["code"] == 0, lived["installed"]["error"]
    assert lived["doctor"]["code"] == 0, lived["doctor"]["out"]
    report = {each["check"]: each for each in json.loads(lived["doctor"]["out"])}
    assert report["model"]["verdict"] == report["camera"]["verdict"] == "ok"


def test_the_service_starts_and_judges_frames_without_any_rights(lived):
    assert lived["started"]["code"] == 0, lived["started"]["error"] + lived.get("journal", "")
    assert lived["running"]["ActiveState"] == "active"
    process = lived["process"]
    assert process["Uid"] != "0" and process["NoNewPrivs"] == "1" and process["Seccomp"] == "2"
    assert int(process["CapEff"], 16) == int(process["CapBnd"], 16) == 0


def test_systemd_has_nothing_to_say_of_the_unit_and_its_exposure_is_low(lived):
    assert lived["unit_says"] == {"code": 0, "out": "", "error": ""}
    assert lived["exposure"]["code"] == 0, lived["exposure"]["out"]


def test_a_killed_service_is_started_again(lived):
    assert lived["after_kill"]["NRestarts"] == "1" and lived["after_kill"]["ActiveState"] == "active"


def test_a_service_that_stands_still_is_noticed_and_started_again(lived):
    assert int(lived["after_hang"]["NRestarts"]) >= 1 and lived["after_hang"]["ActiveState"] == "active"
    assert "Watchdog timeout" in lived["journal"]


def test_the_doctor_tells_that_the_service_had_to_be_started_again(lived):
    report = {each["check"]: each for each in json.loads(lived["doctor_of_service"]["out"])}
    assert report["service"]["verdict"] == "warning" and "journalctl" in report["service"]["mend"]


def test_an_upgrade_starts_the_service_with_the_new_program(lived):
    assert lived["upgraded"]["code"] == 0 and lived["after_upgrade"]["ActiveState"] == "active"


def test_a_stop_ends_the_session_cleanly_and_no_other_was_lost(lived):
    assert (lived["stopped"]["ActiveState"], lived["stopped"]["Result"]) == ("inactive", "success")
    ends = [session["ended_by"] for session in lived["sessions"]]
    assert len(ends) == 5 and ends.count("asked") == 3, lived["sessions"]  # one was killed, one hung


@pytest.fixture
def served(lived):
    """What its page lived through."""
    return lived["served"]


def test_a_served_instrument_starts_and_its_exposure_is_low(served):
    assert served["started"]["code"] == 0, served["started"]["error"] + served["journal"]
    assert served["unit_says"] == {"code": 0, "out": "", "error": ""}
    assert served["exposure"]["code"] == 0, served["exposure"]["out"]
    assert served["process"]["Seccomp"] == "2" and int(served["process"]["CapBnd"], 16) == 0


def test_under_the_sandbox_the_page_is_encrypted_and_lets_in_by_the_code_of_the_journal_alone(served):
    assert served["stranger"] == [401, 401, 401] and served["login"] == 200, served["journal"]
    assert served["page"] == [200, 200, 200] and served["state"]["phase"] == "running"
    assert served["picture"] == [200, "ffd8"]  # JPEG


def test_a_session_is_recorded_over_the_network_and_a_stop_of_the_service_ends_the_one_under_way(served):
    assert served["recorded"] == [201, 204] and served["under_way"] == 201, served["journal"]
    assert served["listed"][0]["slide"] == "S-1" and served["listed"][0]["frames"] >= 6
    assert [each["slide"] for each in served["sessions"]] == ["S-1", "S-2"]
    assert all(each["ended_by"] == "asked" for each in served["sessions"]), served["sessions"]
    stopped = served["stopped"]
    assert (stopped["ActiveState"], stopped["Result"], stopped["exit"]) == ("inactive", "success", "ExecMainStatus=0\n")
    before = served["before_stop"]
    assert before["NRestarts"] == "0" and before["MainPID"] == served["running"]["MainPID"]


def test_every_file_of_a_session_is_made_under_the_sandbox_behind_the_frames(served):
    files = served["taken"]["files"]
    assert {"csv", "jsonl", "geojson", "mosaic", "heat", "preview", "report", "pdf", "session"} == set(files)
    assert {each["status"] for each in files.values()} == {200}, (files, served["journal"])
    beginnings = (("csv", "\u00ef\u00bb\u00bfsession,"), ("geojson", "{"), ("report", "<!doctype"), ("pdf", "%PDF-"))
    for kind, begins in (*beginnings, ("session", "PK")):
        assert files[kind]["begins"].lstrip().startswith(begins), (kind, files[kind])
    assert [19, 1000] in served["taken"]["priorities"]


def test_removing_the_package_leaves_nothing_but_the_records(lived):
    assert lived["removed"]["code"] == 0, lived["removed"]["error"]
    assert lived["left"] == [] and lived["records_left"] == 5
