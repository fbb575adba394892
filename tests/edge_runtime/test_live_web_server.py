import argparse
import http.client
import json
import socket
import ssl
import threading
from datetime import datetime, timedelta, timezone

import pytest

pytest.importorskip("fastapi", reason="needs the extra `live`")
pytest.importorskip("httpx2", reason="needs httpx2, by which Starlette is asked")

from edge_runtime.errors import BadInput
from edge_runtime.live import deadlines
from edge_runtime.live.doorman import MOST_OF_ONE, MOST_UNHEARD, MOST_UNHEARD_OF_ONE
from edge_runtime.live.server import Server
from edge_runtime.live.server_options import Settings, add_server, is_loopback, settings_of, state_folder
from edge_runtime.live.tls import fingerprint, tls_of
from tests.edge_runtime.fakes.instrument import FakeInstrument
from tests.edge_runtime.fakes.web import PASSWORD, locked, until

_POST = b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.fixture
def served():
    instrument = FakeInstrument()
    with Server(instrument, Settings(port=0)) as server:
        server.instrument = instrument
        yield server


def address(server):
    return "127.0.0.1", int(server.url.rstrip("/").rpartition(":")[2])


def ask(server, path="/api/v1/state", **more):
    connection = http.client.HTTPConnection(*address(server), timeout=20)
    connection.request("GET", path, **more)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def opened(server, text=b""):
    connection = socket.create_connection(address(server), timeout=20)
    connection.sendall(text)
    return connection


def is_closed(connection):
    """Tell whether the server let a connection go; waits for it."""
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def there(server):
    return server._server.config.http.doorman._there


def test_the_page_is_served_while_it_is_entered_and_not_after():
    with Server(FakeInstrument(), Settings(port=0)) as server:
        place = address(server)
        assert ask(server)[0] == 200 and server.url.startswith("http://127.0.0.1:")
    with pytest.raises(OSError):
        socket.create_connection(place, timeout=20)


def test_a_page_that_waits_does_not_keep_the_server_from_ending():
    with Server(FakeInstrument(), Settings(port=0)) as server:
        waiting = threading.Thread(target=lambda: ask(server, "/api/v1/views/newest?wait=25"))
        waiting.start()
        until(lambda: server._bell._waiting)
    waiting.join(20)
    assert not waiting.is_alive()


def test_an_address_that_is_taken_or_not_ours_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(BadInput, match=str(port)), Server(FakeInstrument(), Settings(port=port)):
            pass
    for host in ("203.0.113.7", "no such host"):
        settings = Settings(host=host, port=0, pair=True)
        with pytest.raises(BadInput, match="host"), Server(FakeInstrument(), settings):
            pass


def test_a_client_that_does_not_end_its_request_is_let_go(monkeypatch):
    monkeypatch.setattr(deadlines, "HEAD_S", 0.1)
    with Server(FakeInstrument(), Settings(port=0)) as server:
        for text in (b"", b"G", b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"\x16\x03\x01"):
            with opened(server, text) as connection:
                answer = b""
                while not answer.endswith(b"received.") and (part := connection.recv(1000)):
                    answer += part
                assert b"200" not in answer


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("edge_runtime.live.limits.BODY_S", 0.1)
    head = _POST + b"Content-Length: 10\r\n\r\n{"
    with (
        Server(FakeInstrument(), Settings(port=0)) as server,
        opened(server, head) as connection,
        connection.makefile("rb") as answer,
    ):
        assert b"408" in answer.readline()
        assert b"too_slow" in answer.read()  # to its end: it is closed


def test_what_trickles_in_after_an_answer_keeps_no_connection(monkeypatch):
    monkeypatch.setattr(deadlines, "IDLE_S", 0.2)
    head = b"POST /nothing HTTP/1.1\r\nHost: evil\r\nContent-Length: 9000\r\n\r\n"
    with Server(FakeInstrument(), Settings(port=0)) as server, opened(server, head) as connection:
        connection.settimeout(0.02)
        lost = False
        while not lost:
            try:
                connection.send(b"x")
                lost = connection.recv(10_000) == b""
            except TimeoutError:
                pass
            except ConnectionError:
                lost = True


def test_half_open_connections_lock_nobody_out(served):
    held = []
    for n in range(300):
        held.append(opened(served, b"GET /api/v1/state HTTP/1.1\r\nHost: local"))
        if n % 20 == 0:
            assert ask(served)[0] == 200
    assert len(there(served)) <= MOST_UNHEARD_OF_ONE + 1
    assert all(is_closed(each) for each in held[: 300 - MOST_UNHEARD_OF_ONE - 1])  # the oldest went first
    for each in held:
        each.close()


def test_those_of_many_addresses_lock_nobody_out_either(served):
    own = [f"127.0.3.{n % 250 + 1}" for n in range(300)]
    held = [socket.create_connection(address(served), timeout=20, source_address=(each, 0)) for each in own]
    assert ask(served)[0] == 200 and len(there(served)) <= MOST_UNHEARD + 1
    for each in held:
        each.close()


def test_idle_connections_lock_nobody_out(served):
    held = []
    for _ in range(MOST_OF_ONE + 10):
        held.append(opened(served, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        assert held[-1].recv(12) == b"HTTP/1.1 200"
    assert ask(served)[0] == 200 and len(there(served)) <= MOST_OF_ONE
    for each in held:
        each.close()


def test_a_client_that_never_reads_is_let_go(monkeypatch):
    monkeypatch.setattr(deadlines, "WRITE_S", 0.1)
    monkeypatch.setattr("tests.edge_runtime.fakes.instrument.picture_of", lambda number: bytes(16_000_000))
    instrument = FakeInstrument()
    instrument.take()
    with Server(instrument, Settings(port=0)) as server:
        with opened(server, b"GET /api/v1/frames/0/picture HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            until(lambda: there(server))
            until(lambda: not there(server))
        assert ask(server)[0] == 200


def test_what_is_no_http_is_refused_and_harms_nothing(served):
    for text in (
        b"\0" * 100,
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"x: y\r\n" * 20_000,
    ):
        with opened(served) as connection:
            try:
                connection.sendall(text)
                assert connection.recv(10) in (b"HTTP/1.1 4", b"")
            except ConnectionError:
                pass
    assert ask(served)[0] == 200


def test_a_request_for_another_protocol_is_answered_as_any_other(served):
    headers = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-key": "x", "sec-websocket-version": "13"}
    assert ask(served, headers=headers)[0] == 200


def test_the_certificate_is_made_once_told_and_holds_for_this_computer(tmp_path, caplog):
    settings = locked(tmp_path, port=0, self_signed=True)
    for _ in range(2):
        with Server(FakeInstrument(), settings) as server:
            trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trusted.load_verify_locations(tmp_path / "state" / "page.pem")
            connection = http.client.HTTPSConnection("localhost", address(server)[1], timeout=20, context=trusted)
            connection.connect()
            connection.request(
                "POST", "/api/v1/login", json.dumps({"password": PASSWORD}), {"content-type": "application/json"}
            )
            answer = connection.getresponse()
            assert answer.status == 200 and "Secure" in answer.headers["set-cookie"] and server.url.startswith("https:")
            connection.close()
    pem = tmp_path / "state" / "page.pem"
    told = [record.getMessage() for record in caplog.records if "SHA-256" in record.getMessage()]
    assert len(told) == 2 and len(set(told)) == 1 and fingerprint(pem.read_text()) in told[0]
    assert pem.stat().st_mode & 0o077 == 0


def test_a_greeting_that_does_not_come_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(deadlines, "HEAD_S", 0.1)
    with Server(FakeInstrument(), locked(tmp_path, port=0, self_signed=True)) as server:
        for text in (b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            with opened(server, text) as connection:
                assert is_closed(connection) or is_closed(connection) or connection.recv(1000) is not None
        until(lambda: not there(server))


def test_a_certificate_that_is_over_or_of_other_names_is_made_anew(tmp_path):
    now = datetime(2026, 11, 21, tzinfo=timezone.utc)
    settings = Settings(self_signed=True, state=tmp_path)
    pem = tmp_path / "page.pem"
    tls_of(settings, now)
    first = pem.read_text()
    tls_of(settings, now + timedelta(days=700))
    assert pem.read_text() == first
    tls_of(settings, now + timedelta(days=800))
    second = pem.read_text()
    assert second != first
    tls_of(Settings(self_signed=True, state=tmp_path, names=("box.lan",)), now + timedelta(days=800))
    assert pem.read_text() != second
    pem.write_text("damaged")
    assert tls_of(settings, now) is not None


def test_a_certificate_that_cannot_be_used_is_said(tmp_path):
    (tmp_path / "a.pem").write_text("no certificate")
    for cert in ("a.pem", "none.pem"):
        settings = Settings(tls_cert=tmp_path / cert, tls_key=tmp_path / "a.pem")
        with pytest.raises(BadInput, match="self-signed"):
            tls_of(settings)


def test_without_encryption_on_a_network_it_warns(tmp_path, caplog):
    with Server(FakeInstrument(), locked(tmp_path, host="0.0.0.0", port=0)):
        pass
    assert "not encrypted" in caplog.text


def parsed(*words):
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_server(parser)
    return settings_of(parser.parse_args(words))


def test_it_listens_to_this_computer_alone_unless_asked():
    assert not parsed().is_open and not parsed().needs_login and parsed().port == 8080


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "box.local", ""])
def test_a_network_wants_a_password_or_a_code(host):
    with pytest.raises(BadInput, match="--pair"):
        parsed("--host", host)
    assert parsed("--host", host, "--pair").is_open and parsed("--host", host, "--password-file", "x").needs_login


@pytest.mark.parametrize("words", [("--tls-cert", "x"), ("--tls-key", "x"), ("--tls", "self-signed", "--tls-key", "x")])
def test_half_of_a_certificate_is_refused(words):
    with pytest.raises(BadInput, match="tls-key"):
        parsed(*words)


@pytest.mark.parametrize(
    ("host", "is_own"), [("127.0.0.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("x", False)]
)
def test_loopback_is_known(host, is_own):
    assert is_loopback(host) == is_own


def test_a_password_file_that_is_not_there_is_said_before_anything_is_served(tmp_path):
    settings = Settings(port=0, password_file=tmp_path / "none", state=tmp_path)
    with pytest.raises(BadInput, match="page-password"), Server(FakeInstrument(), settings):
        pass


def test_what_is_remembered_lies_where_systemd_says(monkeypatch, tmp_path):
    monkeypatch.setenv("STATE_DIRECTORY", f"{tmp_path}:/other")
    assert state_folder(Settings()) == tmp_path / "page"
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    assert state_folder(Settings()) == tmp_path / "home" / "cancernet" / "page"
