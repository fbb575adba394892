"""What a broker hears of an instrument; a real one (mosquitto) where there is one."""

from __future__ import annotations

import dataclasses
import json
import shutil
import socket
import subprocess
import threading
from queue import SimpleQueue

import pytest

from edge_runtime.errors import BadInput
from edge_runtime.live.mqtt import Publisher
from edge_runtime.live.mqtt_news import summary
from edge_runtime.live.mqtt_options import Broker
from edge_runtime.live.state_parts import AlarmState, RecordingState

from .fakes.instrument import FakeInstrument

paho = pytest.importorskip("paho.mqtt.client", reason="needs the extra `mqtt`")
_PATIENCE_S = 30
_QUICK_S = 0.05
RECORDING = RecordingState("2026-S", "S-1", "Ada", "fields", "2026-11-21T12:00:00+00:00", 3, ())
DIM = AlarmState("lamp_dim", "expected light, found less", 0.5, 0.9)


class Told:
    """An instrument whose state a test sets, and which knows when it was asked."""

    def __init__(self) -> None:
        self.now = dataclasses.replace(FakeInstrument().state(), alarms=(), recording=None)
        self.asked = threading.Semaphore(0)

    def state(self):
        self.asked.release()
        return self.now

    def becomes(self, **values) -> None:
        self.now = dataclasses.replace(self.now, **values)


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def broker(tmp_path):
    """A real broker, which wants a password."""
    program = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
    if program is None:
        pytest.skip("needs mosquitto: apt-get install mosquitto")
    passwords, config, port = tmp_path / "passwords", tmp_path / "mosquitto.conf", free_port()
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "scope", "secret"], check=True, capture_output=True)
    passwords.chmod(0o644)
    tmp_path.chmod(0o755)
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}\nuser root\n")
    with subprocess.Popen([program, "-c", config, "-v"], stderr=subprocess.PIPE, text=True) as process:
        assert any("running" in line for line in process.stderr)
        threading.Thread(target=process.stderr.read, daemon=True).start()
        yield Broker("127.0.0.1", port, "lab/scope", False, "scope", "secret")
        process.terminate()


@pytest.fixture
def heard(broker):
    """What a subscriber hears: (topic below ours, value, whether it was retained)."""
    found, ready = SimpleQueue(), threading.Event()
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.username_pw_set("scope", "secret")
    client.on_connect = lambda *_: client.subscribe("lab/scope/#")
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda _client, _data, message: found.put(
        (message.topic.rpartition("/")[2], message.payload.decode(), message.retain)
    )
    client.connect(broker.host, broker.port)
    client.loop_start()
    assert ready.wait(_PATIENCE_S)
    yield found
    client.disconnect()
    client.loop_stop()


def until(heard, topic, **values):
    """Return what is heard first on a topic with these values."""
    while True:
        found, payload, _ = heard.get(timeout=_PATIENCE_S)
        value = payload if found == "status" else json.loads(payload)
        if found == topic and all(value[key] == wanted for key, wanted in values.items()):
            return value


def test_a_broker_hears_the_state_sessions_alarms_and_the_end(broker, heard):
    told = Told()
    with Publisher(told, broker, _QUICK_S):
        assert until(heard, "status") == "online"
        told.becomes(newest=1, frames=7)
        state = until(heard, "state", frames=7)
        assert state["phase"] == "running" and state["focus"]["level"] and "not a diagnosis" in state["note"]
        told.becomes(recording=RECORDING)
        assert until(heard, "session", event="begun")["slide"] == "S-1"
        told.becomes(alarms=(DIM,))
        assert until(heard, "alarm", event="begun")["message"] == DIM.message
        told.becomes(alarms=())
        assert until(heard, "alarm", event="ended")["reason"] == "lamp_dim"
        told.becomes(recording=None)
        assert until(heard, "session", event="ended")
    assert until(heard, "status") == "offline"


def test_who_subscribes_later_is_told_whether_it_is_on(broker, heard):
    with Publisher(Told(), broker, _QUICK_S):
        assert until(heard, "status") == "online"
        late, said = paho.Client(paho.CallbackAPIVersion.VERSION2), SimpleQueue()
        late.username_pw_set("scope", "secret")
        late.on_message = lambda _client, _data, message: said.put((message.payload, message.retain))
        late.on_connect = lambda *_: late.subscribe("lab/scope/status")
        late.connect(broker.host, broker.port)
        late.loop_start()
        assert said.get(timeout=_PATIENCE_S) == (b"online", True)
        late.disconnect()
        late.loop_stop()


def test_a_broker_that_is_away_is_told_of_once_and_costs_nothing(caplog):
    told = Told()
    with Publisher(told, Broker("127.0.0.1", free_port(), "scope", False), _QUICK_S) as publisher:
        for _ in range(5):
            assert told.asked.acquire(timeout=_PATIENCE_S)
        publisher._away("again")
        publisher._away("and again")
    said = [record.message for record in caplog.records if "no broker at" in record.message]
    assert len(said) == 1 and "the frames go on" in said[0]


def test_a_wrong_password_is_told_of(broker, caplog):
    wrong = dataclasses.replace(broker, password="wrong")
    told = threading.Event()
    publisher = Publisher(Told(), wrong, _QUICK_S)
    away = publisher._away
    publisher._away = lambda why: (away(why), told.set())
    with publisher:
        assert told.wait(_PATIENCE_S)
    assert any("authorized" in record.message for record in caplog.records), caplog.text


def test_certificates_that_are_none_are_bad_input(tmp_path):
    file = tmp_path / "ca.pem"
    file.write_text("no certificate")
    with pytest.raises(BadInput, match="certificates"):
        Publisher(Told(), Broker("x", 8883, "scope", True, authority=file))


def test_a_summary_is_json_without_tiles():
    found = json.loads(json.dumps(summary(FakeInstrument().state())))
    assert {"phase", "fps", "judged", "positive", "alarms", "note"} <= set(found) and "tile" not in found
