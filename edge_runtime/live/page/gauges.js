// Bars that tell how the instrument sees: focus, light, tissue. Focus has a mark at the best of the last seconds.

import { $, icon, make, setIcon, write } from "./elements.js";
import { has, t, tOf } from "./words.js";

const PEAK_MS = 12000;
const KINDS = ["focus", "light", "tissue"];
const best = new Map();

export function makeGauge(box, kind) {
  delete box.dataset.level;
  const name = make("span", { class: "gauge-name", id: `${box.id}-name` }, t(`gauge.${kind}`));
  const track = make(
    "div",
    { class: "track", role: "meter", "aria-labelledby": `${box.id}-name`, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "0" },
    make("span", { class: "fill" }),
    kind === "focus" ? make("span", { class: "peak", hidden: true }) : null,
  );
  box.replaceChildren(icon("unknown"), name, make("span", { class: "gauge-words" }), track);
}

export function startGauges() {
  for (const kind of KINDS) makeGauge($(kind), kind);
}

/** Nobody knows how it sees now. */
export function forgetGauges() {
  for (const kind of KINDS) {
    best.delete($(kind));
    drawGauge($(kind), kind, { level: "unknown", value: null, reason: "not_known" });
  }
}

export function drawGauges(state, now = performance.now()) {
  for (const kind of KINDS) drawGauge($(kind), kind, state[kind], now);
}

export function drawGauge(box, kind, gauge, now = performance.now()) {
  if (box.dataset.level !== gauge.level) {
    box.dataset.level = gauge.level;
    setIcon(box.firstElementChild, gauge.level);
  }
  const words = gaugeWords(kind, gauge);
  write(box.querySelector(".gauge-words"), words);
  const track = box.querySelector(".track");
  const value = gauge.value ?? 0;
  track.setAttribute("aria-valuenow", Math.round(100 * value));
  track.setAttribute("aria-valuetext", words);
  track.firstElementChild.style.transform = `scaleX(${value})`;
  if (kind === "focus") drawPeak(box, track.lastElementChild, gauge.value, now);
}

function gaugeWords(kind, { level, reason, value }) {
  const own = `gauge.${kind}.${reason}`;
  if (reason === "not_known" || (level === "unknown" && value === null && !reason)) return t("gauge.not_known");
  if (reason && has(own)) return t(own);
  return reason ? tOf("reason", reason) : t(`gauge.${kind}.${level}`);
}

function drawPeak(box, mark, value, now) {
  const past = (best.get(box) ?? []).filter(([at]) => now - at < PEAK_MS);
  if (value !== null) past.push([now, value]);
  best.set(box, past);
  const peak = Math.max(-1, ...past.map(([, each]) => each));
  mark.hidden = peak < 0;
  mark.style.left = `${100 * peak}%`;
}
