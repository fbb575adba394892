// What is said of the view as a whole, and of the instrument: counts, reasons, phase, alarms, facts.

import { $, icon, make, show, write } from "./elements.js";
import { reasonMarks } from "./cells.js";
import { say } from "./saying.js";
import { age, has, number, t, tOf } from "./words.js";

const PHASE_LEVELS = { starting: "unknown", running: "good", needs_calibration: "poor", calibrating: "poor", ended: "unknown", failed: "bad" };
const JUDGED = new Set(["running", "ended"]);
const CLOCK_S = 120; // a Pi without a network has no idea of the time, and sessions bear it
let alarmsShown = "";
let factsShown = "";

/** What is known of a view that is old: nothing. */
export function forgetVerdict() {
  $("count").parentElement.removeAttribute("data-some");
  write($("count"), t("verdict.old"));
  write($("count-words"), t("verdict.old.words"));
  $("reasons").replaceChildren();
  delete $("reasons").dataset.key;
}

export function drawLost() {
  $("phase").dataset.level = "bad";
  write($("phase-words"), t("phase.lost"));
}

export function drawVerdict(view, state) {
  const judged = view.tiles.filter((tile) => tile.probability !== null).length;
  const positive = view.tiles.filter((tile) => tile.positive).length;
  const [big, words] = verdict(view, state, judged, positive);
  $("verdict").querySelector(".count").toggleAttribute("data-some", positive > 0);
  write($("count"), big);
  write($("count-words"), words);
  drawReasons(view);
  say(`${big} ${words}`);
}

function verdict(view, state, judged, positive) {
  if (!JUDGED.has(state.phase) && !judged) return [t("verdict.unjudged"), tOf("verdict.phase", state.phase)];
  if (view.reason) return [t("verdict.refused"), tOf("reason", view.reason)];
  if (!judged) return [t("verdict.none_judged"), t("verdict.of", { n: view.tiles.length })];
  return [t("verdict.positive", { n: positive, judged }), t("verdict.words")];
}

function drawReasons(view) {
  const counts = new Map();
  for (const { reason } of view.tiles) if (reason) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const marks = reasonMarks(view);
  const lines = [...counts].sort((one, other) => other[1] - one[1]);
  const key = JSON.stringify(lines);
  if ($("reasons").dataset.key === key) return;
  $("reasons").dataset.key = key;
  const items = lines.map(([reason, n]) => {
    const mark = marks.get(reason);
    return make("li", {}, mark ? make("b", { "aria-hidden": "true" }, mark) : null, t("reasons.line", { n, reason: tOf("reason", reason) }));
  });
  $("reasons").replaceChildren(...items);
}

export function drawState(state) {
  $("phase").dataset.level = PHASE_LEVELS[state.phase] ?? "unknown";
  write($("phase-words"), tOf("phase", state.phase));
  drawNotice(state);
  drawAlarms(state.alarms);
  drawFacts(state);
  write($("source"), t("source", { source: state.source, model: state.model, point: tOf("point", state.operating_point) }));
}

function drawNotice(state) {
  const key = `notice.${state.phase}`;
  const told = has(key) && (state.phase !== "running" || state.message !== null);
  show($("notice"), told);
  if (!told) return;
  write($("notice-title"), t(key));
  write($("notice-words"), state.message ?? t(`${key}.do`));
  const goes = has(`${key}.go`);
  show($("notice-go"), goes);
  if (goes) write($("notice-go"), t(`${key}.go`));
}

function drawAlarms(alarms) {
  const key = JSON.stringify(alarms);
  show($("alarms"), alarms.length > 0);
  if (key === alarmsShown) return;
  const before = alarmsShown;
  alarmsShown = key;
  const open = new Set([...$("alarms").querySelectorAll("details[open]")].map((each) => each.dataset.reason));
  $("alarms").replaceChildren(...alarms.map((alarm) => alarmCard(alarm, open.has(alarm.reason))));
  for (const alarm of alarms) if (!before.includes(`"${alarm.reason}"`)) say(t("alarms.begun", { alarm: tOf("alarm", alarm.reason) }), { now: true });
}

function alarmCard(alarm, open) {
  const what = `alarm.${alarm.reason}.do`;
  const more = make("details", { open, "data-reason": alarm.reason }, make("summary", {}, t("alarms.more")), make("p", {}, alarm.message));
  return make("div", { class: "alarm" }, icon("poor"), make("h2", {}, tOf("alarm", alarm.reason)), make("p", {}, has(what) ? t(what) : alarm.message), has(what) ? more : null);
}

/** What the technician looks at now and then; left out where the computer does not tell. */
function drawFacts(state) {
  const { board } = state;
  const warm = board.cpu_c === null ? null : t(board.heat_step === "normal" ? "facts.celsius" : "facts.resting", { value: number(board.cpu_c, 0) });
  const facts = [
    ["fps", t("facts.per_second", { value: number(state.fps, 1) })],
    ["dropped", number(state.dropped)],
    ["temperature", warm],
    ["disk", board.free_gb === null ? null : t("facts.gb", { value: number(board.free_gb, board.free_gb < 10 ? 1 : 0) })],
    ["throttled", board.throttled ? t("facts.throttled.yes") : null],
    ["clock", clockOff(state.at)],
    ["watchers", state.watchers > 1 ? number(state.watchers) : null],
  ].filter(([, value]) => value !== null);
  const key = JSON.stringify(facts);
  if (key === factsShown) return;
  factsShown = key;
  $("facts").replaceChildren(...facts.map(([name, value]) => make("div", {}, make("dt", {}, t(`facts.${name}`)), make("dd", {}, value))));
}

/** How far the instrument's clock is from this phone's, in words; null where they agree. */
function clockOff(at) {
  const ahead = (new Date(at) - Date.now()) / 1000;
  if (Math.abs(ahead) < CLOCK_S) return null;
  return t(ahead > 0 ? "facts.clock.ahead" : "facts.clock.behind", { age: age(Math.abs(ahead)) });
}
