// What a step of the guided calibration is drawn of.

import { field, picks } from "./dialogs.js";
import { icon, make } from "./elements.js";
import { guide, ofPage, PAGES } from "./walk_state.js";
import { has, moment, number, t, tOf } from "./words.js";

/** Which calibration is at work now. */
export function present() {
  if (!guide.present) return make("p", { class: "card" }, t("walk.present.none"));
  const words = { name: guide.present.name || guide.present.sha256.slice(0, 8), objective: guide.present.objective || t("about.unknown"), value: number(guide.present.um_per_px, 3) };
  const until = guide.present.expires_at ? make("p", { class: "soft" }, t("walk.present.until", { when: moment(guide.present.expires_at) })) : null;
  return make("div", { class: "card" }, make("p", {}, t("walk.present", words)), until);
}

export const drawing = (name) => icon(`draw-${name}`, "drawing");

export function progress() {
  const items = PAGES.map((name) => {
    const status = name === "apply" ? "to_do" : ofPage(name).status;
    const word = name === "apply" ? "" : `: ${t(`status.${status}`)}`;
    return make("li", { "data-status": status, "aria-current": name === guide.page ? "step" : null }, t(`page.${name}`), make("span", { class: "unseen" }, word));
  });
  return make("ol", { class: "steps", "aria-label": t("walk.steps") }, ...items);
}

export function how(name) {
  const lines = [1, 2, 3].map((place) => `step.${name}.how.${place}`).filter(has);
  return make("ol", { class: "how" }, ...lines.map((key) => make("li", {}, make("span", {}, t(key)))));
}

export function pitch() {
  const choice = picks("um", t("walk.pitch"), ["10", "50", "100"].map((each) => [each, t("walk.um", { value: each })]), guide.used.um);
  choice.addEventListener("change", (event) => { guide.used.um = event.target.value; });
  return choice;
}

export function stated() {
  const box = make("input", { name: "um", inputmode: "decimal", value: guide.used.stated, autocomplete: "off" });
  box.addEventListener("input", () => { guide.used.stated = box.value; });
  return field(t("walk.stated"), box, t("walk.stated.help"));
}

export function outcome(at) {
  const level = { done: at.warnings.length ? "poor" : "good", refused: "bad", busy: "unknown" }[at.status];
  const figures = Object.entries(at.figures ?? {}).filter(([, value]) => ["number", "string", "boolean"].includes(typeof value));
  const list = figures.flatMap(([name, value]) => [make("dt", {}, tOf("figure", name)), make("dd", {}, typeof value === "number" ? number(value, Number.isInteger(value) ? 0 : 3) : tOf("found", String(value)))]);
  return make(
    "div",
    { class: "said", "data-level": level, role: "status" },
    icon(level),
    make("strong", {}, t(`step.${at.status}`)),
    at.message ? make("p", {}, at.message) : null,
    ...at.warnings.map((words) => make("p", {}, words)),
    list.length ? make("dl", { class: "pairs" }, ...list) : null,
  );
}
