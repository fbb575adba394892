import threading

import pytest

pytest.importorskip("fastapi", reason="needs the extra `live`")
pytest.importorskip("httpx2", reason="needs httpx2, by which Starlette is asked")

from starlette.testclient import TestClient

from edge_runtime.errors import BadInput
from edge_runtime.live.state import ENDED, FAILED, NEEDS_CALIBRATION, STARTING
from tests.edge_runtime.fakes.instrument import FakeInstrument, picture_of
from tests.edge_runtime.fakes.web import PASSWORD, again, browser, locked, until

API = "/api/v1"


@pytest.fixture
def instrument():
    return FakeInstrument()


@pytest.fixture
def page(instrument):
    return browser(instrument)


def test_the_state_is_that_of_the_instrument(instrument, page):
    instrument.take()
    answer = page.get(f"{API}/state").json()
    assert answer["phase"] == "running" and answer["newest"] == 0 and answer["board"]["cpu_c"] == 51.5
    assert answer["alarms"][0]["reason"] == "lamp_dim" and answer["focus"] == {
        "level": "good",
        "value": 0.8,
        "reason": None,
    }


def test_the_newest_view_comes_with_the_state_and_its_picture(instrument, page):
    for _ in range(3):
        instrument.take()
    answer = page.get(f"{API}/views/newest").json()
    assert answer["view"]["number"] == 2 == answer["state"]["newest"] and len(answer["view"]["tiles"]) == 24
    picture = page.get(f"{API}/frames/2/picture")
    assert picture.content == picture_of(2) and picture.headers["content-type"] == "image/jpeg"
    assert "immutable" in picture.headers["cache-control"]


def test_nothing_newer_is_an_empty_answer(instrument, page):
    instrument.take()
    answer = page.get(f"{API}/views/newest", params={"after": 0})
    assert answer.status_code == 204 and answer.content == b""


def test_a_view_that_comes_while_somebody_waits_is_told_at_once(instrument, page):
    with page:
        found = []
        asking = threading.Thread(
            target=lambda: found.append(page.get(f"{API}/views/newest", params={"after": -1, "wait": 25}))
        )
        asking.start()
        until(lambda: instrument.listeners)  # the server listens from when somebody waits
        instrument.take()
        asking.join(20)
    assert found[0].json()["view"]["number"] == 0


def test_the_instrument_is_listened_to_only_once_however_many_wait(instrument, page):
    with page:
        asking = [
            threading.Thread(target=lambda: page.get(f"{API}/views/newest", params={"after": -1, "wait": 25}))
            for _ in range(8)
        ]
        for each in asking:
            each.start()
        until(lambda: page.app.state.bell._waiting == 8)
        assert len(instrument.listeners) == 1 and page.get(f"{API}/state").json()["watchers"] >= 1
        instrument.take()
        for each in asking:
            each.join(20)


def test_a_phone_with_many_connections_watches_once(instrument, page):
    instrument.take()
    for port in range(50000, 50006):
        phone = TestClient(page.app, base_url="http://127.0.0.1:8080", client=("127.0.0.1", port))
        assert phone.get(f"{API}/views/newest").status_code == 200
    assert page.get(f"{API}/state").json()["watchers"] == 1
    again(page, "127.0.0.2").get(f"{API}/views/newest")
    assert page.get(f"{API}/state").json()["watchers"] == 2


def test_phones_behind_one_address_are_as_many_as_were_let_in(instrument, tmp_path):
    instrument.take()
    page = browser(instrument, locked(tmp_path))
    for expected in (1, 2, 3):
        phone = again(page)
        assert phone.post(f"{API}/login", json={"password": PASSWORD}).status_code in (200, 204)
        for _ in range(3):
            phone.get(f"{API}/views/newest")
        assert phone.get(f"{API}/state").json()["watchers"] == expected


def test_an_old_picture_is_gone_and_says_so(instrument, page):
    for _ in range(20):
        instrument.take()
    answer = page.get(f"{API}/frames/3/picture")
    assert answer.status_code == 404 and answer.json()["error"]["reason"] == "not_there"


@pytest.mark.parametrize(
    "query", [{"after": -2}, {"after": "x"}, {"wait": 26}, {"wait": -1}, {"wait": "nan"}, {"wait": "inf"}]
)
def test_a_wait_that_makes_no_sense_is_refused(page, query):
    answer = page.get(f"{API}/views/newest", params=query)
    assert answer.status_code == 422 and answer.json()["error"]["reason"] == "bad_input"
    assert next(iter(query)) in answer.json()["error"]["message"]


def test_a_session_is_started_labelled_marked_and_ended(tmp_path):
    instrument = FakeInstrument(tmp_path)
    page = browser(instrument)
    instrument.take()
    begun = page.post(f"{API}/session", json={"slide": "S 12/345", "operator": "A. Lovelace"})
    assert begun.status_code == 201 and begun.json()["slide"] == "S 12/345" and begun.json()["keep"] == "fields"
    assert page.post(f"{API}/session", json={"slide": "another"}).status_code == 409
    assert page.patch(f"{API}/session", json={"slide": "S 12/346"}).json()["slide"] == "S 12/346"
    assert page.put(f"{API}/session/marks/0", json={"note": "look here"}).json()["marked"] == [0]
    assert page.delete(f"{API}/session/marks/0").json()["marked"] == []
    assert page.put(f"{API}/session/marks/7").status_code == 404
    assert page.get(f"{API}/state").json()["recording"]["slide"] == "S 12/346"
    assert page.delete(f"{API}/session").status_code == 204
    ended = page.delete(f"{API}/session")
    assert ended.status_code == 409 and ended.json()["error"]["reason"] == "not_now"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"slide": 5},
        {"slide": "x" * 201},
        {"slide": "S", "operator": ["a"]},
        {"slide": "S", "keep": "everything"},
        {"slide": "S", "path": "/etc"},
        [],
        "S",
        None,
    ],
)
def test_a_session_of_nonsense_is_refused_and_nothing_begins(tmp_path, body):
    instrument = FakeInstrument(tmp_path)
    answer = browser(instrument).post(f"{API}/session", json=body)
    assert answer.status_code == 422 and answer.json()["error"]["message"] and instrument.recording is None


def test_a_body_that_is_no_json_is_refused(page):
    answer = page.post(f"{API}/session", content=b'{"slide": ', headers={"content-type": "application/json"})
    assert answer.status_code == 422 and "Traceback" not in answer.text


def test_a_disk_that_fails_is_told_without_its_paths(page, instrument, caplog):
    def fail(*given):
        raise OSError(28, "No space left on device", "/var/lib/cancernet/sessions/secret")

    instrument.start_session = fail
    answer = page.post(f"{API}/session", json={"slide": "S"})
    assert answer.status_code == 507 and "No space left" in answer.json()["error"]["message"]
    assert "secret" not in answer.text and "secret" in caplog.text


def test_a_mistake_of_ours_shows_no_trace(instrument):
    instrument.state = lambda: 1 / 0
    answer = browser(instrument, raise_server_exceptions=False).get(f"{API}/state")
    assert answer.status_code == 500 and answer.json()["error"]["reason"] == "failed"
    assert "division" not in answer.text and "Traceback" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_calibration_is_walked_through(page):
    assert page.get(f"{API}/calibration").status_code == 204
    assert page.post(f"{API}/calibration/steps/blank").status_code == 409
    begun = page.post(f"{API}/calibration", json={"objective": "4x"})
    assert begun.status_code == 201 and [step["status"] for step in begun.json()["steps"]] == ["to_do"] * 4
    assert page.post(f"{API}/calibration/apply").status_code == 409
    stated = page.post(f"{API}/calibration/steps/stated", json={"um": 0.8}).json()
    assert stated["can_apply"] and stated["steps"][1]["status"] == "done"
    assert page.post(f"{API}/calibration/steps/micrometer").json()["steps"][0]["status"] == "done"
    assert page.get(f"{API}/calibration").json()["objective"] == "4x"
    assert page.post(f"{API}/calibration/apply").json()["phase"] == "running"
    page.post(f"{API}/calibration", json={})
    assert page.delete(f"{API}/calibration").status_code == 204 and page.get(f"{API}/calibration").status_code == 204


@pytest.mark.parametrize("um", [0, -1, "NaN", 1e9, "wide", [1]])
def test_a_length_that_is_none_is_refused(page, um):
    page.post(f"{API}/calibration", json={"objective": "4x"})
    assert page.post(f"{API}/calibration/steps/stated", json={"um": um}).status_code == 422


def test_a_step_that_is_none_is_refused(page):
    page.post(f"{API}/calibration", json={"objective": "4x"})
    assert page.post(f"{API}/calibration/steps/polish").status_code == 422


def test_what_cannot_be_used_is_said_in_the_instruments_words(page, instrument):
    def refuse(*given):
        raise BadInput("expected a label, found none; give one")

    instrument.start_session = refuse
    answer = page.post(f"{API}/session", json={"slide": ""})
    assert answer.status_code == 422 and answer.json()["error"]["message"] == "expected a label, found none; give one"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({}, 200),
        ({"phase": STARTING}, 503),
        ({"phase": FAILED, "message": "the camera is gone"}, 503),
        ({"phase": NEEDS_CALIBRATION}, 200),
        ({"phase": ENDED}, 200),
        ({"source": "pi:", "age_s": 2.0}, 200),
        ({"source": "pi:", "age_s": 100.0}, 503),
        ({"source": "usb:0", "age_s": None}, 503),
        ({"source": "synthetic:", "age_s": 1000.0}, 200),
    ],
)
def test_health_goes_by_the_phase_and_the_age_of_a_cameras_frames(state, status):
    answer = browser(FakeInstrument(**state)).get("/healthz")
    assert answer.status_code == status and answer.json()["well"] == (status == 200)
    assert (answer.json()["message"] is None) == (status == 200)


def test_the_description_of_the_interface_names_every_route(page):
    described = page.get(f"{API}/openapi.json").json()
    asked = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    served = {
        (method, route.path)
        for route in page.app.routes
        for method in route.methods or ()
        if getattr(route, "include_in_schema", False) and method != "HEAD"
    }
    assert asked == served and len(asked) > 20 and "RecordingState" in described["components"]["schemas"]
