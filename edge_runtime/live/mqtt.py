"""Tells an MQTT broker how the instrument is doing: its state once a second, sessions and alarms as they come and go.

A thread of its own looks at the state; the frames know nothing of it. A broker that is away is told of once, and tried
again by the client library; states of that time are left out, events wait for it.
"""

from __future__ import annotations

import json
import logging
import threading
from typing import Any, Protocol

from edge_runtime.errors import BadInput, MissingDependency

from .mqtt_news import OFFLINE, ONLINE, STATE, STATUS, News, summary
from .mqtt_options import Broker
from .state import State

log = logging.getLogger(__name__)

EVERY_S = 1.0
"""A state so often at most."""
INSTALL = "install it: pip install 'cancernet-edge[mqtt]'"
_MOST_WAITING, _LONGEST_RETRY_S, _GOODBYE_S = 100, 60, 1.0


class Stated(Protocol):
    """What tells of itself."""

    def state(self) -> State:
        """Return how it is now."""
        ...


class Publisher:
    """Publishes while it is entered."""

    def __init__(self, instrument: Stated, broker: Broker, every_s: float = EVERY_S) -> None:
        """Take who tells of itself, and where to publish; nothing is opened yet.

        Raises MissingDependency without the client library, BadInput where certificates cannot be used.
        """
        try:
            from paho.mqtt import client, enums
        except ImportError as error:
            raise MissingDependency(f"expected the package paho-mqtt, found none ({error}); {INSTALL}") from error
        self._instrument, self._broker, self._every_s = instrument, broker, every_s
        self._client = client.Client(enums.CallbackAPIVersion.VERSION2)
        self._client.max_queued_messages_set(_MOST_WAITING)
        self._client.reconnect_delay_set(1, _LONGEST_RETRY_S)
        self._client.will_set(self._topic(STATUS), OFFLINE, qos=1, retain=True)
        self._client.on_connect = self._connected
        self._client.on_connect_fail = lambda *_: self._away("it does not answer")
        self._client.on_disconnect = lambda _client, _data, _flags, reason, _properties: self._away(str(reason))
        if broker.user is not None:
            self._client.username_pw_set(broker.user, broker.password)
        if broker.has_tls:
            self._trust(broker)
        self._is_away = False
        self._news = News()
        self._last: tuple[str, int | None] | None = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work, name="mqtt", daemon=True)

    def __enter__(self) -> Publisher:
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=30)
        self._client.loop_start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        if self._client.is_connected():
            self._tell(self._instrument.state())
            goodbye = self._client.publish(self._topic(STATUS), OFFLINE, qos=1, retain=True)
            goodbye.wait_for_publish(_GOODBYE_S)
        self._client.disconnect()
        self._client.loop_stop()

    def _trust(self, broker: Broker) -> None:
        try:
            self._client.tls_set(ca_certs=None if broker.authority is None else str(broker.authority))
        except OSError as error:  # ssl.SSLError is one
            raise BadInput(f"expected certificates (PEM) in {broker.authority}, found none: {error}") from error

    def _work(self) -> None:
        while not self._end.wait(self._every_s):
            try:
                self._tell(self._instrument.state())
            except Exception:  # the frames go on without the broker
                log.exception("MQTT: a state could not be published")

    def _tell(self, state: State) -> None:
        """Publish what is new in a state."""
        for topic, event in self._news.of(state):
            self._publish(topic, event)
        if self._client.is_connected() and (state.phase, state.newest) != self._last:
            self._last = state.phase, state.newest
            self._publish(STATE, summary(state), qos=0)

    def _publish(self, topic: str, value: dict[str, Any], qos: int = 1) -> None:
        self._client.publish(self._topic(topic), json.dumps(value, ensure_ascii=False).encode(), qos=qos)

    def _topic(self, name: str) -> str:
        return f"{self._broker.topic}/{name}"

    def _connected(self, _client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        if reason.is_failure:
            self._away(str(reason))
            return
        log.info("MQTT: publishing to %s", self._broker)
        self._is_away = False
        self._client.publish(self._topic(STATUS), ONLINE, qos=1, retain=True)

    def _away(self, why: str) -> None:
        if not self._is_away and not self._end.is_set():
            log.warning("MQTT: no broker at %s (%s); it is tried again, and the frames go on", self._broker, why)
        self._is_away = True
