import pytest

pytest.importorskip("fastapi", reason="needs the extra `live`")
pytest.importorskip("httpx2", reason="needs httpx2, by which Starlette is asked")

from prometheus_client.parser import text_string_to_metric_families

from edge_runtime.alarms import ALARMS
from edge_runtime.live.frame_times import BUCKETS_S, FrameTimes
from edge_runtime.live.state import PHASES
from edge_runtime.live.state_parts import BoardState, Gauge, RecordingState
from tests.edge_runtime.fakes.instrument import FakeInstrument
from tests.edge_runtime.fakes.web import browser


def scraped(instrument, *asked):
    """Return {(name, labels): value} after some requests."""
    page = browser(instrument)
    for path in asked:
        page.get(path)
    families = text_string_to_metric_families(page.get("/metrics").text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_the_numbers_are_those_of_the_instrument():
    recording = RecordingState("id", "S", "", "fields", "2026-01-01T00:00:00Z", 7, (), waiting=2)
    instrument = FakeInstrument(
        dropped=5, fps=4.5, tiles=24, judged=21, positive=3, recording=recording, focus=Gauge("good", 0.8)
    )
    instrument.take()
    found = scraped(instrument)
    assert found["cancernet_frames_total", ()] == 1 and found["cancernet_frames_dropped_total", ()] == 5
    assert found["cancernet_fps", ()] == 4.5 and found["cancernet_tiles_judged", ()] == 21
    assert found["cancernet_session_frames_waiting", ()] == 2 and found["cancernet_recording", ()] == 1
    assert found["cancernet_storage_free_bytes", ()] == 12e9 and found["cancernet_memory_bytes", ()] == 200e6
    assert found["cancernet_cpu_celsius", ()] == 51.5 and found["cancernet_gauge", (("gauge", "focus"),)] == 0.8
    assert found["cancernet_tiles_refused", (("reason", "no_tissue"),)] == 3


def test_every_alarm_and_phase_is_there_from_the_start():
    found = scraped(FakeInstrument())
    alarms = {labels[0][1]: value for (name, labels), value in found.items() if name == "cancernet_alarm"}
    phases = {labels[0][1]: value for (name, labels), value in found.items() if name == "cancernet_phase"}
    assert set(alarms) == set(ALARMS) and [name for name, value in alarms.items() if value] == ["lamp_dim"]
    assert set(phases) == set(PHASES) and [name for name, value in phases.items() if value] == ["running"]


def test_what_the_board_does_not_tell_is_not_made_up():
    found = scraped(FakeInstrument(board=BoardState(), age_s=None))
    assert not {"cancernet_cpu_celsius", "cancernet_throttled", "cancernet_storage_free_bytes"} & {
        name for name, _ in found
    }


def test_answers_are_counted_by_their_route_and_never_by_what_somebody_typed():
    found = scraped(
        FakeInstrument(), "/api/v1/state", "/api/v1/frames/99/picture", "/nobody/made/this", "/api/v1/views/newest"
    )
    counted = {
        labels: value for (name, labels), value in found.items() if name == "cancernet_http_answer_seconds_count"
    }
    routes = {dict(labels)["route"]: (dict(labels)["status"], value) for labels, value in counted.items()}
    assert routes["/api/v1/state"] == ("200", 1) and routes["/api/v1/frames/{number}/picture"] == ("404", 1)
    assert routes["none"] == ("404", 1) and not any("views" in route for route in routes)


def test_the_time_of_frames_is_a_histogram_of_each_stage():
    instrument = FakeInstrument()
    instrument.times = FrameTimes()
    for ms in (1.0, 5.0, 30.0, 20_000.0):
        instrument.times.add({"network": ms, "tile": 0.1})
    found = scraped(instrument)
    bucket = {
        dict(labels)["le"]: value
        for (name, labels), value in found.items()
        if name == "cancernet_frame_stage_seconds_bucket" and dict(labels)["stage"] == "network"
    }
    assert bucket["0.005"] == 2 and bucket["0.05"] == 3 and bucket["10.0"] == 3 and bucket["+Inf"] == 4
    assert len(bucket) == len(BUCKETS_S) + 1
    assert found["cancernet_frame_stage_seconds_sum", (("stage", "network"),)] == pytest.approx(20.036)
