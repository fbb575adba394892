import os
import signal
import socket
import subprocess
import sys

import pytest

from edge_runtime.service.heart import Heart
from edge_runtime.service.notify import Notifier, notifier_of


@pytest.fixture
def manager(tmp_path):
    """A service manager's socket, and a function that returns what came in, oldest first."""
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(path))
        server.setblocking(False)

        def heard():
            messages = []
            while True:
                try:
                    messages.append(dict(line.split("=", 1) for line in server.recv(4096).decode().splitlines()))
                except BlockingIOError:
                    return messages

        yield str(path), heard


def test_states_go_to_the_socket_that_the_manager_names_in_one_message(manager):
    path, heard = manager
    notifier_of({"NOTIFY_SOCKET": path}).tell(READY=1, STATUS="two\nlines")
    assert heard() == [{"READY": "1", "STATUS": "two lines"}]


def test_a_name_after_an_at_is_an_abstract_socket():
    name = f"cancernet-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind("\0" + name)
        server.settimeout(5)
        notifier_of({"NOTIFY_SOCKET": "@" + name}).tell(READY=1)
        assert server.recv(100) == b"READY=1"


@pytest.mark.parametrize("address", ["/nowhere/at/all", "@nobody-listens-here", "/" + "x" * 300])
def test_a_manager_that_is_gone_does_not_stop_a_run(address):
    notifier_of({"NOTIFY_SOCKET": address}).tell(READY=1)


def test_a_manager_that_does_not_read_does_not_stop_a_run(manager):
    path, heard = manager
    notifier = notifier_of({"NOTIFY_SOCKET": path})
    for number in range(10_000):  # far more than a socket holds
        notifier.tell(STATUS=number)
    assert heard()[0] == {"STATUS": "0"}


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_where_no_manager_asks_nobody_is_told(environment):
    assert not notifier_of(environment).is_heard


@pytest.mark.parametrize(
    ("said", "patience_s"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "²"}, None),
        ({}, None),
    ],
)
def test_the_watchdogs_patience_is_read_where_it_is_meant_for_this_process(said, patience_s):
    assert notifier_of({"NOTIFY_SOCKET": "@x", **said}).watchdog_s == patience_s


class Now:
    def __init__(self):
        self.s = 0.0

    def __call__(self):
        return self.s


def heart_of(manager, is_live, now):
    return Heart(notifier_of({"NOTIFY_SOCKET": manager[0]}), is_live, stall_s=90.0, clock=now)


def test_a_run_is_ready_when_it_begins_and_says_when_it_stops(manager):
    with heart_of(manager, True, Now()) as heart:
        heart.frame_begins()
        heart.frame_ends()
        heart.frame_begins()
        heart.frame_ends("camera_lost")
        heart.beat()
    first, beat, last = manager[1]()
    assert first["READY"] == "1" and last["STOPPING"] == "1"
    assert beat == {"WATCHDOG": "1", "STATUS": "2 frames, 1 of them judged; not the last one: camera_lost"}


@pytest.mark.parametrize("is_live", [True, False])
def test_a_frame_that_is_never_done_ends_the_signs_of_life(manager, is_live):
    now = Now()
    heart = heart_of(manager, is_live, now)
    heart.frame_begins()
    now.s = 89.0
    assert heart.beat()
    now.s = 90.0
    assert not heart.beat()
    assert "WATCHDOG" not in manager[1]()[-1]


def test_a_live_camera_that_says_nothing_ends_the_signs_of_life_and_its_next_frame_brings_them_back(manager):
    now = Now()
    heart = heart_of(manager, True, now)
    now.s = 90.0
    assert not heart.beat() and "stalled" in manager[1]()[-1]["STATUS"]
    heart.frame_begins()
    heart.frame_ends()
    assert heart.beat()


def test_a_folder_into_which_nobody_puts_a_picture_is_no_fault(manager):
    now = Now()
    heart = heart_of(manager, False, now)
    now.s = 1e6
    assert heart.beat()


def test_a_stall_is_logged_once(caplog):
    now = Now()
    heart = Heart(Notifier(), is_live=True, stall_s=90.0, clock=now)
    now.s = 100.0
    assert [heart.beat(), heart.beat()] == [False, False]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_with_a_watchdog_a_thread_gives_the_signs_and_ends_with_the_run(manager):
    notifier = notifier_of({"NOTIFY_SOCKET": manager[0], "WATCHDOG_USEC": "60000000"})
    with Heart(notifier, is_live=True, clock=Now()) as heart:
        thread = heart._thread
    assert not thread.is_alive()
    assert [set(message) for message in manager[1]()][:2] == [{"READY", "STATUS"}, {"WATCHDOG", "STATUS"}]


def test_a_service_that_is_stopped_before_its_first_frame_has_not_failed(manager, tmp_path):
    words = ["folder:" + str(tmp_path) + "?watch=1", "--um-per-px", "0.8"]
    environment = os.environ | {"NOTIFY_SOCKET": manager[0], "WATCHDOG_USEC": "60000000"}
    command = [sys.executable, "-m", "edge_runtime", "run", *words]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        heard = []
        while not any("READY" in message for message in heard):
            assert run.poll() is None, run.stderr.read().decode()
            heard += manager[1]()
        run.send_signal(signal.SIGTERM)
        out, _ = run.communicate()
    heard += manager[1]()
    assert run.returncode == 0 and out == b"" and heard[-1]["STOPPING"] == "1"
