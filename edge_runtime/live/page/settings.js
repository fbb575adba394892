// What a person sets for this phone: how the page looks, whether the screen stays on; and what is at work.

import * as api from "./api.js";
import { ask, field, picks } from "./dialogs.js";
import { $, make } from "./elements.js";
import { prefer, preference } from "./preferences.js";
import { toast, wordsOf } from "./saying.js";
import { moment, number, t, tOf } from "./words.js";

const THEMES = ["auto", "light", "dark", "sun"];
let lock = null;

export function applyTheme() {
  document.documentElement.dataset.theme = preference("theme");
}

/** Keep the screen on while the page is seen. Browsers allow it on a secure page alone. */
export async function keepAwake() {
  if (!preference("awake") || document.hidden || lock) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => { lock = null; });
  } catch {
    lock = null; // a phone that saves its battery says no
  }
}

export async function drawSettings(state) {
  const theme = picks("theme", t("settings.theme"), THEMES.map((each) => [each, t(`theme.${each}`)]), preference("theme"));
  theme.addEventListener("change", (event) => {
    prefer("theme", event.target.value);
    applyTheme();
  });
  const parts = [make("div", { class: "card" }, theme, awake(), await languages())];
  if (state) parts.push(about(state));
  parts.push(make("button", { class: "button wide", type: "button", onclick: signOut }, t("settings.logout")));
  $("settings-body").replaceChildren(make("div", { class: "stack narrow" }, ...parts));
}

function awake() {
  const able = "wakeLock" in navigator;
  const box = make("input", { type: "checkbox", checked: preference("awake") && able, disabled: !able });
  box.addEventListener("change", () => {
    prefer("awake", box.checked);
    if (box.checked) keepAwake();
    else lock?.release();
  });
  const line = make("label", { class: "check" }, box, make("span", {}, t("settings.awake")));
  return make("div", {}, line, able ? null : make("p", { class: "soft" }, t("settings.awake.unable")));
}

/** The choice of languages, where there is more than one. */
async function languages() {
  const answer = await fetch("/page/strings/languages.json");
  const known = Object.entries(await answer.json());
  if (known.length < 2) return null;
  const options = known.map(([code, name]) => make("option", { value: code, lang: code, selected: code === preference("language") }, name));
  const choice = make("select", { name: "language" }, ...options);
  choice.addEventListener("change", () => {
    prefer("language", choice.value);
    location.reload();
  });
  return field(t("settings.language"), choice);
}

function about(state) {
  const made = state.calibration;
  const pairs = [
    ["about.model", state.model],
    ["about.hash", state.model_sha256.slice(0, 16)],
    ["about.point", t("about.point.value", { point: tOf("point", state.operating_point), threshold: number(state.threshold, 2) })],
    ["about.calibration", made ? made.name || made.sha256.slice(0, 16) : t("about.none")],
    ["about.objective", made?.objective || t("about.unknown")],
    ["about.scale", made ? t("about.um_per_px", { value: number(made.um_per_px, 3) }) : t("about.unknown")],
    ["about.expires", made?.expires_at ? moment(made.expires_at) : t(made ? "about.never" : "about.unknown")],
    ["about.source", state.source],
    ["about.software", state.software],
  ];
  const list = pairs.flatMap(([name, value]) => [make("dt", {}, t(name)), make("dd", {}, value)]);
  return make("section", { class: "card" }, make("h2", {}, t("about.title")), make("dl", { class: "pairs" }, ...list));
}

async function signOut() {
  const out = await ask({ title: t("settings.logout"), words: t("settings.logout.words"), go: t("settings.logout"), action: () => api.logout() });
  if (out) location.replace("/");
}
