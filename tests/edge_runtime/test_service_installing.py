import os
import subprocess
import types

import pytest

from edge_runtime.cli import _parser
from edge_runtime.errors import BadInput, CheckFailed
from edge_runtime.service import installing
from edge_runtime.service.installing import BOOTED, UNIT_FILE, USER_FILE, install_job

JOB = ["run", "synthetic:", "--session", "/var/lib/cancernet/sessions"]


class System:
    """What the programs of a system were asked, and which of them fail."""

    def __init__(self, failing=()):
        self.asked = []
        self.failing = failing

    def __call__(self, words):
        self.asked.append(" ".join(words[:2]))
        code = int(any(words[:2] == list(each) for each in self.failing))
        out = "systemd 257 (257.8)\n+PAM" if words[1:] == ["--version"] else ""
        return subprocess.CompletedProcess(words, code, out, "it cannot" if code else "")


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a job as root below a folder, on a system whose programs only note what they are asked."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(installing.shutil, "which", lambda name: f"/usr/bin/{name}")
    (tmp_path / BOOTED).mkdir(parents=True)
    users = {"cancernet": 990, "microscope": 1000, "root": 0}
    monkeypatch.setattr("pwd.getpwnam", lambda name: types.SimpleNamespace(pw_uid=users[name]))

    def run(system, *words):
        return install_job(_parser().parse_args(["install-service", *words]), _parser().parse_args, system, tmp_path)

    return run


def test_installing_makes_the_user_then_writes_the_unit_then_starts_it(install, tmp_path):
    system = System()
    assert install(system, *JOB) == 0
    assert "RestartMaxDelaySec" in (tmp_path / UNIT_FILE).read_text()
    assert (tmp_path / USER_FILE).read_text().startswith("u cancernet ")
    assert [each.split("/")[0] for each in system.asked[2:]] == [
        "systemd-sysusers ",
        "systemctl enable",
        "systemctl daemon-reload",
        "systemctl restart",
    ]


def test_in_an_image_that_is_not_booted_the_service_is_enabled_and_disabled_but_nothing_is_started(install, tmp_path):
    (tmp_path / BOOTED).rmdir()
    system = System()
    assert install(system, *JOB) == install(system, "--remove") == 0
    assert [each for each in system.asked if each.startswith("systemctl")] == [
        "systemctl --version",
        "systemctl enable",
        "systemctl disable",
    ]


def test_a_user_of_ones_own_is_taken_and_none_is_made(install, tmp_path):
    install(System(), "--user", "microscope", *JOB)
    assert "User=microscope\n" in (tmp_path / UNIT_FILE).read_text() and not (tmp_path / USER_FILE).exists()


@pytest.mark.parametrize("user", ["root", "nobody-of-that-name"])
def test_neither_root_nor_an_unknown_user_runs_the_service(install, tmp_path, user):
    with pytest.raises(BadInput, match="leave --user out"):
        install(System(), "--user", user, *JOB)
    assert not (tmp_path / UNIT_FILE).exists()


def test_a_folder_elsewhere_that_is_not_the_users_is_refused_with_the_mend(install, tmp_path):
    with pytest.raises(BadInput, match="sudo install -d -m 750 -o cancernet"):
        install(System(), "run", "synthetic:", "--session", str(tmp_path / "stick"))


def test_a_service_that_does_not_start_says_where_to_look(install):
    with pytest.raises(CheckFailed, match="journalctl -u cancernet -n 50"):
        install(System([("systemctl", "restart")]), *JOB)


def test_a_program_that_cannot_be_started_from_anywhere_is_not_installed(install, tmp_path):
    class Uninstalled(System):
        def __call__(self, words):
            done = super().__call__(words)
            return (
                done if "-I" not in words else subprocess.CompletedProcess(words, 1, "", "No module named edge_runtime")
            )

    with pytest.raises(BadInput, match="expected cancernet to be installed"):
        install(Uninstalled(), *JOB)
    assert not (tmp_path / UNIT_FILE).exists()


def test_removing_stops_the_service_and_forgets_it_and_again_does_nothing(install, tmp_path):
    install(System(), *JOB)
    system = System()
    assert install(system, "--remove") == 0 and system.asked == ["systemctl disable", "systemctl daemon-reload"]
    assert not (tmp_path / UNIT_FILE).exists()
    again = System()
    assert install(again, "--remove") == 0 and again.asked == []


def test_without_root_nothing_is_written_and_the_mend_is_said(install, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for words in (JOB, ["--remove"]):
        with pytest.raises(BadInput, match="sudo"):
            install(System(), *words)
    assert not (tmp_path / "etc").exists()


def test_a_system_without_systemd_is_told_so(install, monkeypatch):
    monkeypatch.setattr(installing.shutil, "which", lambda name: None)
    with pytest.raises(BadInput, match="found no systemctl"):
        install(System(), *JOB)
