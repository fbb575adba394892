"""The instrument in Prometheus' words."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge_runtime.alarms import ALARMS

from .frame_times import BUCKETS_S, FrameTimes
from .state import PHASES, State
from .state_parts import Gauge

CONTENT = "text/plain; version=0.0.4; charset=utf-8"
_ANSWERS_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_WAITS = "/views/newest"


class Metrics:
    """Counts answers, and asks the instrument for the rest when it is asked."""

    def __init__(self, state: Callable[[], State], times: Callable[[], FrameTimes | None]) -> None:
        """Take what tells of the instrument."""
        self._registry = CollectorRegistry()
        self._registry.register(_Instrument(state, times))
        self._answers = Histogram(
            "cancernet_http_answer_seconds",
            "Time to the first byte of an answer; waiting for views is not in it",
            ["method", "route", "status"],
            buckets=_ANSWERS_S,
            registry=self._registry,
        )

    def text(self) -> bytes:
        """Return all of it, as Prometheus reads it."""
        return bytes(generate_latest(self._registry))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        if not route.endswith(_WAITS):
            self._answers.labels(method, route, str(status)).observe(seconds)


class Measured:
    """ASGI middleware that counts answers by their route."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        """Take the application."""
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and note when its answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                self._metrics.count(scope["method"], route, message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, noting)


class _Instrument(Collector):
    def __init__(self, state: Callable[[], State], times: Callable[[], FrameTimes | None]) -> None:
        self._state, self._times = state, times

    def collect(self) -> Iterator[Metric]:
        state = self._state()
        yield from _counts(state)
        yield from _gauges(state)
        yield from _by_name(state)
        times = self._times()
        if times is not None:
            yield _stages(times)


def _counts(state: State) -> Iterator[Metric]:
    yield CounterMetricFamily("cancernet_frames", "Frames since the start", state.frames)
    yield CounterMetricFamily("cancernet_frames_dropped", "Frames of the camera that nobody judged", state.dropped)


def _gauges(state: State) -> Iterator[Metric]:
    board, recording = state.board, state.recording
    for name, words, value in (
        ("fps", "Frames judged a second, over the last seconds", state.fps),
        ("newest_view_age_seconds", "Age of the newest view", state.age_s),
        ("tiles", "Tiles in the newest view", state.tiles),
        ("tiles_judged", "Of these, judged", state.judged),
        ("tiles_positive", "Of these, positive by the operating point", state.positive),
        ("cpu_celsius", "Temperature of the processor", board.cpu_c),
        ("throttled", "Whether the firmware holds the processor back", board.throttled),
        ("resting", "Whether it rests between frames to cool", board.heat_step != "normal"),
        ("storage_free_bytes", "Free room on the disk of the sessions", _times(board.free_gb, 1e9)),
        ("memory_bytes", "Resident memory of the process", _times(board.memory_mb, 1e6)),
        ("recording", "Whether a session is being recorded", recording is not None),
        ("session_frames", "Frames of that session", recording.frames if recording else 0),
        ("session_frames_waiting", "Frames that wait for the disk", recording.waiting if recording else 0),
        ("calibrated", "Whether a calibration is at work", state.calibration is not None),
        ("watchers", "Browsers that watch", state.watchers),
    ):
        if value is not None:
            yield GaugeMetricFamily(f"cancernet_{name}", words, float(value))


def _by_name(state: State) -> Iterator[Metric]:
    phase = GaugeMetricFamily("cancernet_phase", "1 for the phase that it is in", labels=["phase"])
    for name in PHASES:
        phase.add_metric([name], float(state.phase == name))
    alarm = GaugeMetricFamily("cancernet_alarm", "1 for alarms that stand", labels=["reason"])
    standing = {each.reason for each in state.alarms}
    for name in ALARMS:
        alarm.add_metric([name], float(name in standing))
    reason = GaugeMetricFamily("cancernet_tiles_refused", "Tiles of the newest view not judged", labels=["reason"])
    for name, count in state.reasons.items():
        reason.add_metric([name], count)
    gauge = GaugeMetricFamily("cancernet_gauge", "A bar of the page, 0..1", labels=["gauge"])
    bars: tuple[tuple[str, Gauge], ...] = (("focus", state.focus), ("light", state.light), ("tissue", state.tissue))
    for name, bar in bars:
        if bar.value is not None:
            gauge.add_metric([name], bar.value)
    info = GaugeMetricFamily("cancernet_info", "What is at work", labels=["version", "model", "model_sha256"])
    info.add_metric([state.software, state.model, state.model_sha256], 1)
    yield from (phase, alarm, reason, gauge, info)


def _stages(times: FrameTimes) -> Metric:
    family = HistogramMetricFamily("cancernet_frame_stage_seconds", "Time of a frame in each stage", labels=["stage"])
    ends = [*(str(end) for end in BUCKETS_S), "+Inf"]
    for stage, (counts, total) in times.stages().items():
        family.add_metric([stage], list(zip(ends, itertools.accumulate(counts), strict=True)), total)
    return family


def _times(value: float | None, by: float) -> float | None:
    return None if value is None else value * by
