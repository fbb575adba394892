import io
import re

import pytest

pytest.importorskip("fastapi", reason="needs the extra `live`")
pytest.importorskip("httpx2", reason="needs httpx2, by which Starlette is asked")

from edge_runtime.cli import main
from edge_runtime.errors import BadInput
from edge_runtime.live import auth_pairing
from edge_runtime.live.auth import Password, hash_password, read_password, write_password
from edge_runtime.live.auth_pairing import LASTS_S, REST_S, TRIES, Pairing
from edge_runtime.live.auth_tokens import DAYS, FILE, MOST, Tokens
from edge_runtime.live.headers import Names, network_of
from edge_runtime.live.limits import LARGEST_BODY, Buckets
from edge_runtime.live.server_options import Settings
from tests.edge_runtime.fakes.instrument import FakeInstrument
from tests.edge_runtime.fakes.web import PASSWORD, again, browser, locked

API = "/api/v1"
OUTSIDE = (
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f",
    "..%5c..",
    "....//etc",
    "/etc/passwd",
    "a%00b",
    "con:aux",
    "~root",
    "a" * 300,
)


def table(app):
    """Return every (method, path) of an application; the tests of what is refused go over all of it."""
    return sorted({(method, route.path) for route in app.routes for method in route.methods or () if method != "HEAD"})


def filled(path, with_what="1"):
    """Return a route's path with something for each part that is open."""
    return re.sub(r"\{[^}]+\}", with_what, path)


APP = browser(FakeInstrument())
ROUTES = table(APP.app)


@pytest.fixture(scope="module")
def locked_app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    (folder / "sessions").mkdir()
    (folder / "secret").write_text("secret")
    return browser(FakeInstrument(folder / "sessions"), locked(folder))


def guest_of(app, place):
    """Return a browser at a computer of its own, so that nobody has asked too often."""
    return again(app, f"192.168.{place // 250}.{place % 250 + 1}")


def inside_of(app, place=0):
    """Return a browser that was let in."""
    found = guest_of(app, place)
    found.cookies.set("cancernet", app.app.state.tokens.give(next(iter(app.app.state.doors.valid))))
    return found


@pytest.fixture
def instrument(tmp_path):
    return FakeInstrument(tmp_path / "sessions")


@pytest.fixture
def guest(instrument, tmp_path):
    return browser(instrument, locked(tmp_path), "192.168.1.20")


def test_the_table_of_routes_is_whole():
    assert len(ROUTES) >= 26 and ("DELETE", f"{API}/sessions/{{id}}") in ROUTES and ("GET", "/metrics") in ROUTES


def test_no_route_is_reached_without_credentials(locked_app):
    for place, (method, path) in enumerate(ROUTES):
        body = {} if method in ("POST", "PUT", "PATCH") else None
        answer = guest_of(locked_app, place).request(method, filled(path), json=body)
        assert answer.status_code == 401, (method, path, answer.text)
        if (method, path) != ("GET", "/"):
            assert answer.json()["error"]["reason"] in ("login", "wrong_secret")


_MADE_UP = "A" * 43
_WRONG = {
    "bearer": [("authorization", f"Bearer {_MADE_UP}")],
    "cookie": [("cookie", f"cancernet={_MADE_UP}")],
    "basic": [("authorization", "Basic b3BlcmF0b3I6Y29ycmVjdA==")],
    "twice": [("authorization", f"Bearer {_MADE_UP}"), ("authorization", f"Bearer {'B' * 43}")],
    "odd": [("cookie", "cancernet=; cancernet=x; __Host-cancernet=1")],
}


@pytest.mark.parametrize("how", _WRONG)
def test_no_route_is_reached_with_wrong_credentials(locked_app, how):
    headers = [*_WRONG[how], ("content-type", "application/json")]
    for place, (method, path) in enumerate(ROUTES):
        body = b"{}" if method in ("POST", "PUT", "PATCH") else None
        guest = guest_of(locked_app, 1000 + len(ROUTES) * list(_WRONG).index(how) + place)
        answer = guest.request(method, filled(path), content=body, headers=headers)
        assert answer.status_code == 401, (method, path, answer.text)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:8081", "https://127.0.0.1:8080"])
def test_no_foreign_page_reaches_any_route_even_with_the_cookie(locked_app, origin):
    inside = inside_of(locked_app)
    for method, path in ROUTES:
        answer = inside.request(method, filled(path), headers={"origin": origin})
        assert answer.status_code == 403 and answer.json()["error"]["reason"] == "foreign_origin", (method, path)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_picture_or_form_of_a_foreign_page_reaches_no_route(locked_app, site):
    inside = inside_of(locked_app)
    for method, path in ROUTES:
        assert inside.request(method, filled(path), headers={"sec-fetch-site": site}).status_code == 403, (method, path)


@pytest.mark.parametrize("outside", OUTSIDE)
def test_a_path_that_leads_outside_is_refused_by_every_route(locked_app, outside):
    inside = inside_of(locked_app)
    open_ones = [(method, path) for method, path in ROUTES if "{" in path]
    assert len(open_ones) >= 10
    for method, path in open_ones:
        body = {"confirm": outside} if method == "DELETE" else None
        answer = inside.request(method, filled(path, outside), json=body)
        assert answer.status_code in (404, 405, 409, 422), (method, path, answer.text)
        assert "error" in answer.json() and "root:" not in answer.text


def let_in(guest):
    assert guest.post(f"{API}/login", json={"password": PASSWORD}).status_code == 200
    return guest


def test_a_route_that_nobody_made_says_nothing_to_a_guest(guest):
    for path in ("/api/v1/nothing", "/docs", "/redoc", "/.env", "/api/v2/state", "//api/v1/state", "/page"):
        assert guest.get(path).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "", "[::1", "localhost.evil"]
)
def test_a_foreign_name_for_this_computer_is_refused(instrument, host):
    answer = browser(instrument).get(f"{API}/state", headers={"host": host})
    assert answer.status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "192.168.4.1", "box.lan"])
def test_its_own_names_and_addresses_are_not(instrument, host):
    page = browser(instrument, Settings(names=("box.lan",)))
    assert page.get(f"{API}/state", headers={"host": host}).status_code == 200


def test_two_hosts_are_none():
    assert not Names().allow("\0") and not Names().allow(None)


def test_a_guest_gets_the_login_page_with_what_it_needs_and_nothing_else(guest):
    answer = guest.get("/")
    assert answer.status_code == 401 and "text/html" in answer.headers["content-type"]
    named = re.findall(r'(?:src|href)="(/page/[^"]+)"', answer.text)
    assert named and all(guest.get(each).status_code == 200 for each in named)
    for private in ("/page/index.html", "/page/main.js", "/page/../auth.py", "/page/login.html/"):
        assert guest.get(private).status_code == 401, private


def test_the_password_lets_a_browser_in_until_it_logs_out(guest):
    answer = guest.post(f"{API}/login", json={"password": PASSWORD})
    assert answer.json() == {"token": None, "days": DAYS}
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "secure" not in cookie and "path=/" in cookie
    assert guest.get(f"{API}/state").status_code == 200 and guest.get("/").status_code == 200
    kept = "; ".join(f"{name}={value}" for name, value in guest.cookies.items())
    assert guest.post(f"{API}/logout").status_code == 204 and not guest.cookies
    assert guest.get(f"{API}/state", headers={"cookie": kept}).status_code == 401


def test_under_tls_the_cookie_goes_over_tls_alone(instrument, tmp_path):
    page = browser(instrument, locked(tmp_path, self_signed=True))
    cookie = page.post(f"{API}/login", json={"password": PASSWORD}).headers["set-cookie"]
    assert cookie.startswith("__Host-") and "Secure" in cookie


def test_a_script_gets_a_token_and_no_cookie(guest):
    answer = guest.post(f"{API}/login", json={"password": PASSWORD, "script": True})
    token = answer.json()["token"]
    assert "set-cookie" not in answer.headers and guest.get(f"{API}/state").status_code == 401
    assert guest.get(f"{API}/state", headers={"authorization": f"Bearer {token}"}).status_code == 200
    assert guest.get(f"{API}/state", headers={"authorization": f"Bearer {token}x"}).status_code == 401


@pytest.mark.parametrize("secret", ["", "wrong horse", PASSWORD + " ", PASSWORD.upper(), "x" * 200])
def test_a_wrong_password_does_not(guest, secret, caplog):
    answer = guest.post(f"{API}/login", json={"password": secret})
    assert answer.status_code == 401 and "192.168.1.20" in caplog.text and (not secret or secret not in caplog.text)


def test_passwords_cannot_be_tried_for_long(guest):
    answers = [guest.post(f"{API}/login", json={"password": "wrong horse"}) for _ in range(8)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 3
    assert int(answers[-1].headers["retry-after"]) > 5
    other = again(guest, "192.168.1.21")
    assert other.post(f"{API}/login", json={"password": PASSWORD}).status_code == 200


def test_a_guest_who_asks_too_often_waits_and_those_inside_do_not(guest):
    inside = let_in(again(guest, "192.168.1.21"))
    answers = [guest.get(f"{API}/state").status_code for _ in range(60)]
    while answers[-1] == 401 and len(answers) < 2000:
        answers.append(guest.get(f"{API}/state").status_code)
    assert answers[:60] == [401] * 60 and answers[-1] == 429
    assert {inside.get(f"{API}/state").status_code for _ in range(80)} == {200}


def test_who_was_let_in_stays_so_over_a_restart_but_not_over_a_new_password(instrument, tmp_path):
    kept = {"cookie": f"cancernet={let_in(browser(instrument, locked(tmp_path))).cookies['cancernet']}"}
    assert browser(instrument, locked(tmp_path)).get(f"{API}/state", headers=kept).status_code == 200
    write_password(tmp_path / "password", "another horse")
    assert browser(instrument, locked(tmp_path)).get(f"{API}/state", headers=kept).status_code == 401


def test_what_is_kept_of_a_token_does_not_let_anybody_in(tmp_path):
    token = Tokens(tmp_path, frozenset({"pw"})).give("pw")
    kept = (tmp_path / FILE).read_text()
    assert token not in kept and (tmp_path / FILE).stat().st_mode & 0o077 == 0
    again = Tokens(tmp_path, frozenset({"pw"}))
    assert again.knows(token) and not any(again.knows(each) for each in re.findall(r'"([^"]+)"', kept))


def test_a_token_holds_for_its_days_and_the_oldest_go_first(tmp_path):
    now = [0.0]
    tokens = Tokens(tmp_path, frozenset({"pw"}), lambda: now[0])
    given = []
    for _ in range(MOST + 1):
        now[0] += 1
        given.append(tokens.give("pw"))
    assert not tokens.knows(given[0]) and tokens.knows(given[1])
    now[0] += DAYS * 86400
    assert not tokens.knows(given[-1])


def test_a_damaged_list_of_tokens_lets_nobody_in_and_stops_nothing(tmp_path, caplog):
    for text in ("", "[]", '{"a": 1}', "\0"):
        (tmp_path / FILE).write_text(text)
        tokens = Tokens(tmp_path, frozenset({"pw"}))
        assert not tokens.knows("a") and tokens.knows(tokens.give("pw"))
    assert "cannot be read" in caplog.text


def test_a_password_is_kept_as_a_hash_that_no_other_shares(tmp_path):
    file = tmp_path / "made" / "password"
    write_password(file, PASSWORD)
    assert PASSWORD not in file.read_text() and file.stat().st_mode & 0o777 == 0o600
    assert read_password(file).matches(PASSWORD) and hash_password(PASSWORD) != hash_password(PASSWORD)
    assert not read_password(file).matches("x" * 100_000)


@pytest.mark.parametrize(
    "line", ["", "secret", "scrypt:16384:8:5:AA:BB", "scrypt:1048576:8:1:AAAA:" + "A" * 43 + "=", "a:b:c:d:e:f"]
)
def test_a_password_file_of_another_kind_is_refused_with_what_to_do(line):
    with pytest.raises(BadInput, match="page-password"):
        Password(line)


@pytest.mark.parametrize("text", ["", "short", "x" * 201])
def test_a_password_that_is_too_short_or_too_long_is_refused(tmp_path, text):
    with pytest.raises(BadInput, match="8 to 200"):
        write_password(tmp_path / "password", text)
    assert not list(tmp_path.iterdir())


def test_the_command_sets_the_password_of_a_line_or_of_two_that_agree(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert main(["page-password", str(tmp_path / "piped")]) == 0
    assert read_password(tmp_path / "piped").matches(PASSWORD) and PASSWORD not in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    for typed, code in (([PASSWORD, PASSWORD], 0), ([PASSWORD, "another horse"], 2)):
        monkeypatch.setattr("getpass.getpass", lambda prompt, typed=typed: typed.pop(0))
        assert main(["page-password", str(tmp_path / f"typed{code}")]) == code
    assert (tmp_path / "typed0").exists() and not (tmp_path / "typed2").exists()


def test_a_code_lets_one_phone_in_and_is_used_up():
    shown, clock = [], [0.0]
    pairing = Pairing(shown.append, lambda: clock[0])
    assert len(shown) == 1 and not pairing.matches("0000 0000x") and pairing.matches(shown[0])
    assert not pairing.matches(shown[0]) and len(shown) == 1
    clock[0] += REST_S
    pairing.offer()
    assert len(shown) == 2 and pairing.matches(shown[1].replace(" ", "-"))


def test_a_code_is_void_after_few_tries_or_some_minutes():
    shown, clock = [], [0.0]
    pairing = Pairing(shown.append, lambda: clock[0])
    assert not any(pairing.matches("nothing") for _ in range(TRIES)) and not pairing.matches(shown[0])
    clock[0] += REST_S
    pairing.offer()
    clock[0] += LASTS_S
    assert not pairing.matches(shown[1]) and len(shown) == 3


def test_codes_do_not_follow_each_other_faster_than_they_may():
    shown, clock = [], [0.0]
    pairing = Pairing(shown.append, lambda: clock[0])
    for _ in range(600):
        pairing.matches("nothing")
        pairing.offer()
        clock[0] += 1
    assert len(shown) == 600 / REST_S


def test_a_phone_is_paired_with_the_code_that_is_shown_when_it_asks_for_the_page(instrument, tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(auth_pairing, "_to_log", shown.append)
    phone = browser(instrument, Settings(pair=True, state=tmp_path), "192.168.1.20")
    assert phone.get("/").status_code == 401 and len(shown) == 1
    assert phone.post(f"{API}/login", json={"code": "1"}).status_code == 401
    assert phone.post(f"{API}/login", json={"password": shown[0]}).status_code == 200  # one field will do for both
    assert phone.get(f"{API}/state").status_code == 200
    assert again(phone).post(f"{API}/login", json={"code": shown[0]}).status_code == 401


@pytest.mark.parametrize("length", ["99999999", "-1", "x", "9" * 40, str(LARGEST_BODY + 1)])
def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(instrument, length):
    answer = browser(instrument).post(
        f"{API}/session", content=b"{}", headers={"content-length": length, "content-type": "application/json"}
    )
    assert answer.status_code == 413


def test_a_body_that_does_not_say_so_is_refused_while_it_comes(instrument):
    taken = []

    def parts():
        for n in range(10_000):
            taken.append(n)
            yield b" " * 1000

    answer = browser(instrument).post(f"{API}/session", content=parts(), headers={"content-type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_form_is_no_body_that_we_take(instrument, kind):
    answer = browser(instrument).post(f"{API}/session", content=b'{"slide": "S"}', headers={"content-type": kind})
    assert answer.status_code == 415 and instrument.recording is None


def test_every_answer_carries_what_keeps_a_browser_safe():
    for method, path in ROUTES:
        headers = APP.request(method, filled(path)).headers
        rules = headers["content-security-policy"]
        assert "default-src 'none'" in rules and "frame-ancestors 'none'" in rules and "unsafe" not in rules
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
        assert "cache-control" in headers and "server" not in headers
        if path.startswith(API):
            assert headers["cache-control"] == "no-store", (method, path)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.168.1.20", "192.168.1.20"),
        ("::ffff:192.168.1.20", "192.168.1.20"),
        ("fe80::1%wlan0", "fe80::/64"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_who_has_many_addresses_is_one_guest(address, network):
    assert network_of(address) == network


def test_a_bucket_fills_up_again_and_remembers_few(monkeypatch):
    clock = [0.0]
    buckets = Buckets(2, 0.5, lambda: clock[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 2.0] and buckets.take("b") == 0
    clock[0] += 2
    assert buckets.take("a") == 0 and buckets.take("a") > 0
    for n in range(5000):
        buckets.take(n)
    assert len(buckets._left) <= 1024


def test_health_is_told_to_this_computer_and_to_no_other(instrument, tmp_path):
    assert browser(instrument, locked(tmp_path)).get("/healthz").status_code == 200
    assert browser(instrument, locked(tmp_path), "::1").get("/healthz").status_code == 200
    assert browser(instrument, locked(tmp_path), "192.168.1.20").get("/healthz").status_code == 401


def test_the_page_is_read_once_and_sent_small(instrument):
    page = browser(instrument)
    answer = page.get("/", headers={"accept-encoding": "gzip"})
    assert answer.status_code == 200 and answer.headers["content-encoding"] == "gzip"
    tag = answer.headers["etag"]
    assert page.get("/", headers={"if-none-match": tag}).status_code == 304
    assert page.get("/", headers={"accept-encoding": "identity"}).text == answer.text
    assert page.get("/page/nothing.js").status_code == 404
