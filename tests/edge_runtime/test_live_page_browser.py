"""The live page in a real browser: what a technician sees, taps and is told."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime, timedelta, timezone

import pytest

from edge_runtime.live.instrument import REFUSED, StepState
from edge_runtime.live.server import Server
from edge_runtime.live.server_options import Settings
from edge_runtime.live.state_parts import AlarmState
from edge_runtime.sinks.colours import level_of, scale_lut
from tests.edge_runtime.fakes.chromium import DESK, LARGE_PHONE, PHONE, SIDEWAYS, Visit, chromium, launched
from tests.edge_runtime.fakes.moving import BLURRED, MovingInstrument, moving_view
from tests.edge_runtime.fakes.reported import record
from tests.edge_runtime.fakes.sessions import frame_and_result, small_model

pytest.importorskip("fastapi", reason="the extra `live` is not installed")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
if chromium() is None:
    pytest.skip("there is no Chromium here", allow_module_level=True)

expect = sync_api.expect
expect.set_options(timeout=20_000)
SCREENS = ("live", "sessions", "calibrate", "settings")
EVIL = '<img src=x onerror="alert(1)">'
NOTE_IS_SEEN = """(() => { const note = document.getElementById("note"); const box = note.getBoundingClientRect();
return [0.02, 0.5, 0.98].every(share => document.elementFromPoint(
    box.left + share * box.width, box.top + box.height / 2) === note); })()"""
LARGEST_LOAD = 70_000
"""Bytes on the wire before the first view; the page is to stay below 300,000."""


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright, launched(playwright) as found:
        yield found


@pytest.fixture
def instrument(tmp_path):
    found = MovingInstrument(tmp_path / "sessions")
    for _ in range(31):
        found.take()
    yield found
    found.stop()


@pytest.fixture
def server(instrument):
    with Server(instrument, Settings(port=0)) as found:
        yield found


@pytest.fixture
def visit(browser, server):
    found = Visit(browser, server)
    yield found
    found.close()
    assert [each for each in found.troubles if "willReadFrequently" not in each] == []  # the tests read canvases
    assert all(url.startswith((server.url, "blob:")) for url in found.requests)


@pytest.fixture
def recorded(tmp_path, lean):
    """A session of 12 fields that has ended."""
    (tmp_path / "sessions").mkdir()
    frames = map(frame_and_result, range(12))
    return record(tmp_path / "sessions", small_model(lean), frames, marks={3: "mitoses?"}, slide=EVIL)


def tap(page, tile):
    """Tap the middle of a tile."""
    box = page.locator("#picture").bounding_box()
    view = moving_view(0)
    x, y = tile.x + view.tile_width / 2, tile.y + view.tile_height / 2
    page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def as_text(probability):
    return "> 0.99" if probability > 0.995 else "< 0.01" if probability < 0.005 else f"{probability:.2f}"


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_the_page_is_light_and_asks_nobody_else(browser, server, size):
    visit = Visit(browser, server, size)
    weights = {}
    session = visit.context.new_cdp_session(visit.page)
    session.send("Network.enable")
    urls = {}
    session.on("Network.responseReceived", lambda event: urls.update({event["requestId"]: event["response"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda event: weights.update({urls.get(event["requestId"], "?"): event["encodedDataLength"]}),
    )
    visit.open()
    own = {url: weight for url, weight in weights.items() if "/api/v1/" not in url}
    assert len(own) > 20 and sum(own.values()) <= LARGEST_LOAD
    assert all(url.startswith((server.url, "blob:")) for url in visit.requests)
    assert visit.troubles == []
    visit.close()


def test_heat_lies_where_the_numbers_are_in_the_overlays_colours(visit, instrument):
    page = visit.open()
    view = moving_view(instrument.number)
    middles = [[tile.x + view.tile_width / 2, tile.y + view.tile_height / 2] for tile in view.tiles]
    pixels = page.evaluate(
        """middles => { const heat = document.getElementById("heat"); const pen = heat.getContext("2d");
        return middles.map(([x, y]) => [...pen.getImageData(x * heat.width, y * heat.height, 1, 1).data]); }""",
        middles,
    )
    colours, opacities = scale_lut()
    assert {tile.reason is None for tile in view.tiles} == {True, False}
    for tile, (*colour, opacity) in zip(view.tiles, pixels, strict=True):
        if tile.probability is None:
            assert opacity == 0
            continue
        level = level_of(tile.probability)
        assert abs(opacity - int(opacities[level])) <= 3
        if opacity > 60:  # fainter ones are held with few levels
            assert max(abs(a - int(b)) for a, b in zip(colour, colours[level], strict=True)) <= 6


def test_what_is_flagged_is_outlined_and_what_was_refused_is_hatched(visit, instrument):
    page = visit.open()
    view = moving_view(instrument.number)
    drawn = page.evaluate(
        """boxes => { const marks = document.getElementById("marks"); const pen = marks.getContext("2d");
        return boxes.map(([x, y, w, h]) => { const data = pen.getImageData(
            x * marks.width, y * marks.height, w * marks.width, h * marks.height).data;
        let yellow = 0, any = 0;
        for (let at = 0; at < data.length; at += 4) { if (data[at + 3] < 200) continue; any += 1;
          if (data[at] > 240 && data[at + 1] > 210 && data[at + 2] < 100) yellow += 1; }
        return [yellow, any]; }); }""",
        [[tile.x + 0.001, tile.y + 0.001, view.tile_width - 0.002, view.tile_height - 0.002] for tile in view.tiles],
    )
    by_place = {(tile.row, tile.column): marks for tile, marks in zip(view.tiles, drawn, strict=True)}
    flagged = {(tile.row, tile.column) for tile in view.tiles if tile.label == "idc"}
    around = ((-1, 0), (1, 0), (0, -1), (0, 1))
    for tile in view.tiles:
        place = tile.row, tile.column
        inside = place in flagged and all((tile.row + down, tile.column + right) in flagged for down, right in around)
        if place in flagged and not inside:
            assert by_place[place][0] > 100
        if inside:
            assert by_place[place][0] <= 40  # the corner of a neighbour's outline
    assert by_place[BLURRED][1] > 100
    expect(page.locator("#reasons")).to_contain_text("1 out of focus")


def test_a_tap_tells_the_probability_of_the_tile_under_the_finger(visit, instrument):
    page = visit.open()
    judged = [tile for tile in moving_view(instrument.number).tiles if tile.probability is not None]
    for tile in judged[::7]:
        tap(page, tile)
        expect(page.locator("#tile .tile-number")).to_have_text(as_text(tile.probability))
        expect(page.locator("#tile")).to_contain_text("Flagged" if tile.label == "idc" else "Not flagged")
        expect(page.locator("#tile")).to_contain_text(f"row {tile.row + 1}, column {tile.column + 1}")
        page.keyboard.press("Escape")


def test_a_tap_on_a_refused_tile_tells_why_and_what_to_do(visit, instrument):
    page = visit.open()
    tile = next(each for each in moving_view(instrument.number).tiles if (each.row, each.column) == BLURRED)
    tap(page, tile)
    for words in ("out of focus", "Turn the fine focus", "sharpness: 0.21"):
        expect(page.locator("#tile")).to_contain_text(words)


def test_the_neighbours_of_a_tile_stand_where_they_lie(visit, instrument):
    page = visit.open()
    view = moving_view(instrument.number)
    at = {(tile.row, tile.column): tile for tile in view.tiles}
    tap(page, at[0, 4])
    cells = page.locator("#tile .near td")
    expect(cells).to_have_count(9)
    for place in range(3):
        expect(cells.nth(place)).to_have_attribute("aria-label", "outside the view")
    for place, (down, right) in enumerate((a, b) for a in (0, 1) for b in (-1, 0, 1)):
        tile = at[down, 4 + right]
        if tile.probability is not None:
            expect(cells.nth(3 + place)).to_have_text(as_text(tile.probability))


def test_arrow_keys_move_over_the_tiles_and_each_is_read(visit, instrument):
    page = visit.open()
    at = {(tile.row, tile.column): tile for tile in moving_view(instrument.number).tiles}
    page.focus("#view")
    for key, place in (("Enter", (0, 0)), ("ArrowRight", (0, 1)), ("ArrowDown", (1, 1)), ("ArrowLeft", (1, 0))):
        page.keyboard.press(key)
        tile = at[place]
        expect(page.locator("#said")).to_contain_text(f"row {place[0] + 1}, column {place[1] + 1}")
        if tile.probability is not None:
            expect(page.locator("#said")).to_contain_text(as_text(tile.probability))
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#said")).to_contain_text("row 2, column 1")
    page.keyboard.press("Escape")
    expect(page.locator("#tile")).to_be_hidden()


def test_the_whole_page_is_reached_by_the_tab_key(visit):
    page = visit.open()
    active = "document.activeElement"
    seen = []
    for _ in range(14):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(f"{active}.id || {active}.dataset.tab || {active}.className"))
    assert seen[0] == "skip" and {"view", "hold", "opacity", "record", "mark", *SCREENS} <= {*seen}
    assert seen.index("view") < seen.index("record")


def test_a_chosen_tile_follows_the_views(visit, instrument):
    page = visit.open()
    at = next(tile for tile in moving_view(instrument.number).tiles if tile.probability is not None)
    tap(page, at)
    for _ in range(4):  # a few at a time: the newest few pictures are held
        for _ in range(5):
            instrument.take()
        visit.until_view(instrument.number)
    now = next(each for each in moving_view(instrument.number).tiles if (each.row, each.column) == (at.row, at.column))
    words = as_text(now.probability) if now.probability is not None else now.reason.replace("_", " ")
    expect(page.locator("#tile")).to_contain_text(words)


def test_a_session_keeps_what_the_instrument_was_started_with_until_somebody_chooses(visit, instrument):
    instrument.keep = "pictures"
    page = visit.open()
    for chosen, kept in ((None, "pictures"), ("none", "none"), (None, "none"), ("", "pictures")):
        page.click("#record")
        page.fill("[name=slide]", "S")
        if chosen is not None:
            page.select_option("[name=keep]", chosen)
        page.click("dialog [type=submit]")
        expect(page.locator("#on-air")).to_be_visible()
        assert instrument.recording.keep == kept
        page.click("#record")
        page.click("dialog [type=submit]")
        expect(page.locator("#on-air")).to_be_hidden()


def test_a_session_is_begun_labelled_marked_and_ended(visit, instrument):
    page = visit.open()
    page.click("#record")
    expect(page.locator("dialog [type=submit]")).to_be_disabled()
    page.fill("[name=slide]", "S 12/345")
    page.fill("[name=operator]", "Ada")
    page.click("dialog [type=submit]")
    expect(page.locator("#session-slide")).to_have_text("S 12/345")
    expect(page.locator("#on-air")).to_be_visible()
    assert (instrument.recording.slide, instrument.recording.operator, instrument.recording.keep) == (
        "S 12/345",
        "Ada",
        "fields",
    )

    page.click("#mark")
    expect(page.locator("#mark")).to_have_attribute("aria-pressed", "true")
    assert instrument.recording.marked == (instrument.number,)
    page.click(".toast button")
    page.fill("[name=note]", "mitoses?")
    page.click("dialog [type=submit]")
    expect(page.locator("dialog")).to_have_count(0)
    assert instrument.notes == {instrument.number: "mitoses?"}
    page.click("#mark")
    expect(page.locator("#mark")).to_have_attribute("aria-pressed", "false")
    assert instrument.recording.marked == ()

    page.click("#relabel")
    page.fill("[name=slide]", "S 12/346")
    page.click("dialog [type=submit]")
    expect(page.locator("#session-slide")).to_have_text("S 12/346")

    page.click("#record")
    page.click("dialog [type=submit]")
    expect(page.locator("#on-air")).to_be_hidden()
    assert instrument.recording is None

    page.reload()
    page.click("#record")
    expect(page.locator("[name=operator]")).to_have_value("Ada")
    expect(page.locator("[name=slide]")).to_have_value("")
    assert page.locator("#recent option").evaluate_all("all => all.map(each => each.value)") == ["S 12/346", "S 12/345"]


def test_what_the_instrument_refuses_is_said_in_the_dialog(browser, server, instrument):
    visit = Visit(browser, server)
    page = visit.open()
    page.click("#record")
    page.fill("[name=slide]", "S 1")
    instrument.start_session("S 0", "somebody else", "fields")
    page.click("dialog [type=submit]")
    expect(page.locator("dialog .trouble")).to_contain_text("expected no session under way")
    expect(page.locator("dialog")).to_be_visible()
    visit.close()


def test_without_a_folder_for_sessions_nothing_can_be_recorded(browser):
    instrument = MovingInstrument(None)
    instrument.take()
    with Server(instrument, Settings(port=0)) as server:
        visit = Visit(browser, server)
        page = visit.open()
        expect(page.locator("#record")).to_have_attribute("aria-disabled", "true")
        page.click("#record", force=True)
        expect(page.locator(".toast")).to_contain_text("--session")
        visit.close()


def test_the_guided_calibration_is_walked_with_a_step_that_fails_and_one_that_is_skipped(visit, instrument):
    instrument.endings["micrometer"] = StepState("micrometer", REFUSED, "expected at least 6 lines, found 3; focus")
    page = visit.open("calibrate")
    page.check("[name=objective][value='10x']")
    page.click("#walk-body [type=submit]")
    page.check("[name=um][value='100']")
    page.click("text=Measure >> nth=-1")
    expect(page.locator(".said")).to_contain_text("expected at least 6 lines, found 3; focus")
    page.click("text=Try again")
    expect(page.locator(".said")).to_contain_text("0.391")
    page.click("text=Next")
    instrument.slow = True
    page.click("text=Measure light")
    expect(page.locator(".busy")).to_be_disabled()
    instrument.finish()
    page.click("text=Next")
    page.click("#walk-body >> text=Skip")
    expect(page.locator("#walk-body")).to_contain_text("10x")
    expect(page.locator("#walk-body")).to_contain_text("nobody notices when the picture slowly gets softer")
    page.click("text=Put to work")
    expect(page.locator("#live")).to_be_visible()
    assert instrument.asked == [("micrometer", 100.0), ("micrometer", 100.0), ("blank", None)]
    assert instrument.guided is None


def test_a_scale_can_be_stated_and_nonsense_is_not_sent(visit, instrument):
    page = visit.open("calibrate")
    page.click("#walk-body [type=submit]")
    page.check("[name=way][value=stated]")
    page.fill("[name=um]", "much")
    page.click("text=Take it")
    expect(page.locator(".toast")).to_contain_text("a number above 0")
    page.fill("[name=um]", "0,39")
    page.click("text=Take it")
    expect(page.locator(".said")).to_be_visible()
    assert instrument.asked == [("stated", 0.39)]
    page.click("#walk-body >> text=Leave")
    page.click("dialog [type=submit]")
    expect(page.locator("[name=objective]").first).to_be_attached()
    assert instrument.guided is None


def test_a_walk_that_is_under_way_goes_on_where_it_was(visit, instrument):
    instrument.begin_walk("4x")
    instrument.take_step("micrometer", 10)
    page = visit.open("calibrate")
    expect(page.locator(".steps [aria-current]")).to_contain_text("Light")


def test_a_lost_connection_is_said_and_no_old_verdict_is_shown(browser, server, instrument):
    visit = Visit(browser, server)
    page = visit.open()
    expect(page.locator("#count")).to_contain_text("of")
    visit.context.set_offline(True)
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#count")).to_have_text("No verdict")
    expect(page.locator("#phase")).to_have_text("No connection")
    expect(page.locator("#badge")).to_contain_text("ago")
    expect(page.locator("#focus .track")).to_have_attribute("aria-valuetext", "not known now")
    assert "grayscale" in page.locator("#picture").evaluate("each => getComputedStyle(each).filter")
    instrument.take()
    visit.context.set_offline(False)
    expect(page.locator("#lost")).to_be_hidden()
    visit.until_view(instrument.number)
    expect(page.locator("#count")).to_contain_text("of")
    expect(page.locator("#badge")).to_be_hidden()
    visit.close()


def test_a_picture_that_stands_still_is_greyed_and_tells_its_age(visit, instrument):
    page = visit.open()
    expect(page.locator("#badge")).to_contain_text("Old picture")
    expect(page.locator("#count")).to_have_text("No verdict")
    instrument.take()
    expect(page.locator("#badge")).to_be_hidden()


def test_an_instrument_that_was_started_anew_is_followed(visit, instrument):
    page = visit.open()
    instrument.number = 2
    instrument.take()
    visit.until_view(3)
    expect(page.locator("#badge")).to_be_hidden()


def test_a_held_picture_stays_and_says_so(visit, instrument):
    page = visit.open()
    before = instrument.number
    page.click("#hold")
    instrument.take()
    expect(page.locator("#badge")).to_have_text("Held")
    expect(page.locator("#frame")).to_have_attribute("data-view", str(before))
    page.click("#hold")
    instrument.take()
    visit.until_view(instrument.number)


def test_an_uncalibrated_instrument_leads_to_the_calibration(visit, instrument):
    instrument.given.update(phase="needs_calibration", calibration=None)
    page = visit.open()
    expect(page.locator("#notice")).to_contain_text("Nothing is judged yet")
    page.click("#notice-go")
    expect(page.locator("#calibrate h1")).to_be_focused()
    expect(page.locator("#walk-body")).to_contain_text("No calibration is at work")


def test_a_source_that_ended_keeps_its_last_picture_and_says_so(visit, instrument):
    instrument.given["phase"] = "ended"
    page = visit.open()
    expect(page.locator("#badge")).to_have_text("Last picture")
    expect(page.locator("#notice")).to_contain_text("no more frames")
    expect(page.locator("#count")).to_contain_text("of")


def test_trouble_with_the_camera_is_told_in_its_own_words(visit, instrument):
    instrument.given["message"] = "expected a frame within 2 s, found none; check the cable"
    page = visit.open()
    expect(page.locator("#notice")).to_contain_text("check the cable")


def test_an_alarm_says_what_to_do(visit, instrument):
    page = visit.open()
    instrument.given["alarms"] = (
        AlarmState("lamp_dim", "expected light at least 0.90, found 0.71", 0.71, 0.9),
        AlarmState("of_tomorrow", "expected something new", 1, 2),
    )
    instrument.take()
    expect(page.locator("#alarms")).to_contain_text("Check the lamp and its supply")
    expect(page.locator("#alarms")).to_contain_text("expected something new")
    expect(page.locator("#said")).to_contain_text("Alarm")
    page.locator("#alarms summary").first.click()
    instrument.take()
    expect(page.locator("#alarms details")).to_have_attribute("open", "")


@pytest.mark.parametrize(("days", "words"), [(-3, "3 days behind this phone"), (2, "2 days ahead of this phone")])
def test_a_clock_that_is_wrong_is_told_since_sessions_bear_it(visit, instrument, days, words):
    instrument.given["at"] = (datetime.now(timezone.utc) + timedelta(days=days)).isoformat()
    page = visit.open()
    expect(page.locator("#facts")).to_contain_text(words)
    instrument.given["at"] = (datetime.now(timezone.utc) + timedelta(seconds=60)).isoformat()
    instrument.take()
    expect(page.locator("#facts")).not_to_contain_text("this phone")


def test_sessions_are_listed_looked_at_taken_away_and_deleted(visit, recorded, tmp_path):
    page = visit.open("sessions")
    expect(page.locator("#sessions-body h2")).to_have_text(EVIL)
    expect(page.locator("#sessions-body")).to_contain_text("12 frames · 1 marked")
    page.click("#sessions-body a")
    expect(page.locator("#one-title")).to_have_text(EVIL)
    expect(page.locator(".worst img")).to_have_count(12)
    numbers = [float(each.lstrip("<> ")) for each in page.locator(".worst b").all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)
    expect(page.locator(".worst")).to_contain_text("mitoses?")
    for kind in ("csv", "session"):
        with page.expect_download() as download:
            page.click(f"[data-kind={kind}]")
        file = tmp_path / kind
        download.value.save_as(file)
        assert file.stat().st_size > 100
    page.click(".danger")
    expect(page.locator("dialog [type=submit]")).to_be_disabled()
    page.check("[name=sure]")
    page.click("dialog [type=submit]")
    expect(page.locator("#sessions-body")).to_contain_text("No sessions yet")
    assert not recorded.exists()


def test_what_cannot_be_made_here_is_not_offered(visit, recorded, no_pdf):
    page = visit.open("sessions")
    page.click("#sessions-body a")
    expect(page.locator("[data-kind=csv]")).to_be_visible()
    kinds = [each.get_attribute("data-kind") for each in page.locator(".downloads a").all()]
    assert "pdf" not in kinds and {"csv", "jsonl", "session"} <= set(kinds)


def test_a_damaged_session_is_said_to_be_damaged_and_can_be_taken_away_whole_to_be_mended(visit, recorded, tmp_path):
    (recorded / "session.sqlite").write_bytes(b"no database" * 100)
    page = visit.open("sessions")
    expect(page.locator("#sessions-body")).to_contain_text("cannot be read")
    page.click("#sessions-body a")
    expect(page.locator("#one-body")).to_contain_text("expected")
    expect(page.locator(".downloads a")).to_have_count(1)
    with page.expect_download() as download:
        page.click(".downloads a")
    download.value.save_as(tmp_path / "taken.zip")
    with zipfile.ZipFile(tmp_path / "taken.zip") as archive:
        assert any(name.endswith("session.sqlite") for name in archive.namelist())


def test_a_screen_reader_is_not_told_five_times_a_second(visit, instrument):
    page = visit.open()
    page.evaluate(
        """window.told = 0; new MutationObserver(() => { window.told += 1; }).observe(
        document.getElementById("said"), {childList: true, characterData: true, subtree: true});"""
    )
    for _ in range(12):
        for _ in range(8):
            instrument.take()
        visit.until_view(instrument.number)
    assert page.evaluate("window.told") <= 1
    expect(page.locator("#said")).to_contain_text("flagged")


@pytest.mark.parametrize("size", [PHONE, LARGE_PHONE, DESK, SIDEWAYS])
def test_every_screen_fits_and_can_be_hit_with_gloves(browser, server, recorded, size):
    visit = Visit(browser, server, size)
    for screen in (*SCREENS, f"session/{recorded.name}"):
        page = visit.open(screen)
        page.wait_for_selector("[aria-busy]", state="detached")
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        if screen == "live":
            tap(page, moving_view(0).tiles[12])
            expect(page.locator("#tile")).to_be_in_viewport(ratio=0.3)
        assert page.evaluate(NOTE_IS_SEEN)
        small = page.evaluate(
            """[...document.querySelectorAll("button, a, select, input:not([type=range], [type=checkbox])")]
            .filter(each => each.checkVisibility() && !each.matches(".skip"))
            .map(each => [each.id || each.className || each.textContent, each.getBoundingClientRect()])
            .filter(([, box]) => box.width < 44 || box.height < 44).map(([name]) => name)"""
        )
        assert small == []
    visit.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK])
def test_axe_finds_nothing_to_complain_of(browser, server, instrument, recorded, scheme, size):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    visit = Visit(browser, server, size, color_scheme=scheme, bypass_csp=True)
    instrument.given["alarms"] = (AlarmState("lamp_dim", "expected light at least 0.90, found 0.71", 0.71, 0.9),)
    instrument.start_session("S 1", "Ada", "fields")
    instrument.play()
    for screen in (*SCREENS, f"session/{recorded.name}"):
        page = visit.open(screen)
        page.wait_for_selector("[aria-busy]", state="detached")
        if screen == "live":
            tap(page, moving_view(instrument.number).tiles[10])
        if screen == "calibrate":
            page.click("#walk-body [type=submit]")
            page.wait_for_selector(".steps")
        found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        told = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]
        assert told == [], screen
    visit.close()


def test_axe_finds_nothing_in_a_dialog_nor_in_the_sun(browser, server):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    visit = Visit(browser, server, bypass_csp=True)
    page = visit.open("settings")
    page.check("[value=sun]")
    page.click("[data-tab=live]")
    page.click("#record")
    page.wait_for_selector("dialog[open]")
    assert axe.Axe().run(page).violations_count == 0
    visit.close()


def in_xish(words):
    """Return words with an x for each letter; what stands in braces stays."""
    if isinstance(words, dict):
        return {key: in_xish(each) for key, each in words.items()}
    return re.sub(r"(\{\w+\})|[a-zA-Z]", lambda found: found[1] or "x", words)


def test_another_language_is_a_file_of_words(visit):
    page = visit.page
    page.route("**/strings/languages.json", lambda route: route.fulfill(json={"en": "English", "xx": "Xish"}))
    english = f"{visit.server.url}page/strings/en.json"
    page.route("**/strings/xx.json", lambda route: route.fulfill(json=in_xish(route.fetch(url=english).json())))
    visit.open("settings")
    page.select_option("[name=language]", "xx")
    expect(page.locator("html")).to_have_attribute("lang", "xx")
    page.wait_for_selector("#frame[data-view]", state="attached")
    not_ours = {"English", "Xish", "lean", "field", "balanced", "accuracy"}
    for screen in SCREENS:
        page.goto(f"{visit.server.url}#/{screen}")
        words = set(re.findall(r"[A-Za-z]{4,}", page.locator(f"#{screen}").inner_text()))
        assert {word for word in words - not_ours if set(word.lower()) != {"x"}} <= {"fake"}


def test_who_wants_no_motion_gets_none(browser, server, instrument):
    instrument.start_session("S 1", "Ada", "fields")
    visit = Visit(browser, server, reduced_motion="reduce")
    page = visit.open()
    assert page.locator("#on-air .dot").evaluate("each => getComputedStyle(each).animationName") == "none"
    visit.close()


def test_what_is_set_is_there_the_next_time(visit):
    page = visit.open("settings")
    page.check("[value=dark]")
    page.click("[data-tab=live]")
    page.fill("#opacity", "30")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.locator("#heat").evaluate("each => each.style.opacity") == "0.3"


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_a_locked_instrument_is_opened_by_its_password(browser, instrument, tmp_path, size):
    from tests.edge_runtime.fakes.web import PASSWORD, locked

    with Server(instrument, locked(tmp_path, port=0)) as server:
        visit = Visit(browser, server, size)
        page = visit.page
        page.goto(server.url)
        expect(page.locator("h1")).to_have_text("Unlock the instrument")
        page.fill("#secret", "wrong one")
        page.click("#go")
        expect(page.locator("#trouble")).to_contain_text("not the password")
        page.fill("#secret", PASSWORD)
        page.click("#go")
        page.wait_for_selector("#frame[data-view]", state="attached")
        page.goto(f"{server.url}#/settings")
        page.click("#settings-body >> text=Sign out")
        page.click("dialog [type=submit]")
        expect(page.locator("#secret")).to_be_focused()
        assert [each for each in visit.troubles if "401" not in each] == []
        visit.close()
