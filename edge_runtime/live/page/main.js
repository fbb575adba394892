// The page: its parts brought together. What is old is never shown as if it were live.

import { $, loadIcons, setIcon, show, write } from "./elements.js";
import { drawGauges, forgetGauges, startGauges } from "./gauges.js";
import { drawPoint, startLegend } from "./legend.js";
import { drawMark } from "./marking.js";
import { shown, showView } from "./picture.js";
import { preference } from "./preferences.js";
import { drawRecording, startRecording } from "./recording.js";
import { say } from "./saying.js";
import { drawSession } from "./session.js";
import { drawSessions } from "./sessions.js";
import { applyTheme, drawSettings, keepAwake } from "./settings.js";
import { drawTile, setThreshold, startTiles } from "./tile_card.js";
import { drawLost, drawState, drawVerdict, forgetVerdict } from "./verdict.js";
import { drawWalk, leaveWalk } from "./walk.js";
import { drawSmall, drawWalkGauge } from "./walk_view.js";
import { watch } from "./watch.js";
import { age, clock, fillWords, loadWords, t } from "./words.js";

const STALE_S = 4; // with many watchers pictures come every two seconds
const SCREENS = {
  live: () => {},
  sessions: drawSessions,
  session: drawSession,
  calibrate: () => {
    if (shown.bitmap) drawSmall(shown.bitmap);
    return drawWalk(state);
  },
  settings: () => drawSettings(state),
};
const MOVING = new Set(["running", "needs_calibration", "calibrating"]);

let state = null;
let shownAt = 0; // when the view was taken, by this phone's steady clock, ms
let isLost = false;
let held = false;

function onState(found) {
  state = found;
  drawState(state);
  drawGauges(state);
  drawRecording(state);
  drawWalkGauge(state);
  setThreshold(state.threshold);
  drawPoint(state.threshold);
  drawAge();
}

function onView(view, bitmap) {
  if (held) {
    bitmap.close();
    return;
  }
  const positive = state.labels.at(-1);
  for (const tile of view.tiles) tile.positive = tile.label === positive;
  shownAt = performance.now() - 1000 * (state.age_s ?? 0);
  if (!$("calibrate").hidden) drawSmall(bitmap);
  showView(view, bitmap);
  drawVerdict(view, state);
  drawTile();
  drawMark();
  drawAge();
}

function onLost(error, later) {
  isLost = true;
  show($("lost"), true);
  write($("lost-words"), t("lost.words", { n: Math.ceil(later) }));
  drawLost();
  forgetGauges();
  drawAge();
}

function onBack() {
  isLost = false;
  show($("lost"), false);
  say(t("lost.back"), { now: true });
}

/** Say how old the picture is, where it is not of now. */
function drawAge() {
  const old = (performance.now() - shownAt) / 1000;
  const slow = state?.fps > 0 ? 3 / state.fps : 0;
  const stale = !held && Boolean(shown.view) && (isLost || !MOVING.has(state?.phase) || old > Math.max(STALE_S, slow));
  $("frame").toggleAttribute("data-stale", stale && state?.phase !== "ended");
  $("walk-view").toggleAttribute("data-stale", stale);
  if (stale && state?.phase !== "ended") forgetVerdict();
  show($("badge"), held || stale);
  if (held) write($("badge"), t("badge.held"));
  else if (stale) write($("badge"), t(state.phase === "ended" && !isLost ? "badge.ended" : "badge.old", { age: age(old), at: clock(new Date(Date.now() - 1000 * old)) }));
  show($("empty"), !shown.view);
  if (!shown.view) write($("empty"), t("view.empty"));
}

function hold() {
  held = !held;
  $("hold").setAttribute("aria-pressed", String(held));
  setIcon($("hold").firstElementChild, held ? "go" : "hold");
  drawAge();
}

/** Show the screen that the address names. */
function turn(first = false) {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  const wanted = name in SCREENS ? name : "live";
  for (const screen of document.querySelectorAll("[data-screen]")) show(screen, screen.id === (wanted === "session" ? "one" : wanted));
  for (const tab of document.querySelectorAll("[data-tab]")) {
    if (tab.dataset.tab === wanted || (wanted === "session" && tab.dataset.tab === "sessions")) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  leaveWalk();
  SCREENS[wanted](decodeURIComponent(rest.join("/")));
  if (first === true) return;
  scrollTo(0, 0);
  document.querySelector("[data-screen]:not([hidden]) h1")?.focus();
}

async function start() {
  applyTheme();
  await Promise.all([loadWords(preference("language")), loadIcons()]);
  fillWords();
  startGauges();
  startLegend();
  startTiles();
  startRecording();
  $("hold").addEventListener("click", hold);
  new ResizeObserver(() => {
    document.body.style.setProperty("--note", `${$("note").offsetHeight}px`);
  }).observe($("note"));
  addEventListener("hashchange", turn);
  document.addEventListener("visibilitychange", keepAwake);
  keepAwake();
  drawAge();
  turn(true);
  setInterval(drawAge, 500);
  watch({ state: onState, view: onView, lost: onLost, back: onBack });
}

start();
