// The pages of the guided calibration; what their buttons do is handed to them.

import { field, picks } from "./dialogs.js";
import { icon, make } from "./elements.js";
import { drawing, how, outcome, pitch, present, stated } from "./walk_parts.js";
import { guide, isBusy, ofPage, scaleStep, SCALES, step } from "./walk_state.js";
import { t } from "./words.js";

const OBJECTIVES = ["4x", "10x", "20x", "40x"];

/** Before a calibration: what is at work, and for which objective to begin. */
export function beginning({ begin }) {
  const choice = picks("objective", t("walk.objective"), [...OBJECTIVES.map((each) => [each, each]), ["", t("walk.other")]], "4x");
  const other = make("input", { name: "other", maxlength: "40", autocomplete: "off" });
  const named = field(t("walk.other.label"), other);
  named.hidden = true;
  choice.addEventListener("change", (event) => { named.hidden = event.target.value !== ""; });
  const form = make("form", {}, choice, named, make("div", { class: "buttons" }, make("button", { class: "button main", type: "submit" }, t("walk.begin"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin(form.elements.objective.value || other.value.trim());
  });
  return [present(), drawing("objective"), make("p", {}, t("walk.words")), make("p", { class: "soft" }, t("walk.need")), form];
}

/** A step: how to do it, what came of it, and on. */
export function doing(hands) {
  const name = guide.page === "scale" ? guide.way : guide.page;
  const at = ofPage(guide.page);
  const parts = [make("h2", { tabindex: "-1" }, t(`step.${name}.title`))];
  if (guide.page === "scale") parts.push(ways(hands));
  parts.push(drawing(name), how(name));
  if (name === "micrometer") parts.push(pitch());
  if (name === "stated") parts.push(stated());
  if (at.status !== "to_do" && (guide.page !== "scale" || at.name === guide.way)) parts.push(outcome(at));
  parts.push(buttons(name, at, hands));
  return parts;
}

function ways({ choose }) {
  const choice = picks("way", t("walk.way"), SCALES.map((each) => [each, t(`way.${each}`)]), guide.way);
  choice.addEventListener("change", (event) => choose(event.target.value));
  return choice;
}

function buttons(name, at, { take, turn, leave }) {
  const mine = at.name === name;
  const [busy, done, tried] = [isBusy(), at.status === "done", mine && ["done", "refused"].includes(at.status)];
  const go = make("button", { class: `button ${done ? "" : "main"} ${busy ? "busy" : ""}`, type: "button", disabled: busy, onclick: () => take(name) }, t(busy ? "step.busy" : tried ? "walk.again" : `step.${name}.go`));
  const next = done || guide.page !== "scale" ? make("button", { class: done ? "button main" : "button", type: "button", disabled: busy, onclick: () => turn(1) }, t(done ? "walk.next" : "walk.skip")) : null;
  const back = guide.page === "scale" ? cancelButton(leave) : make("button", { class: "button", type: "button", disabled: busy, onclick: () => turn(-1) }, t("walk.back"));
  return make("div", { class: "buttons" }, back, go, next);
}

const cancelButton = (leave) => make("button", { class: "button", type: "button", onclick: leave }, t("walk.cancel"));

/** The last page: what was done, and what goes without. */
export function applying({ turn, apply, leave }) {
  const lines = [scaleStep(), step("blank"), step("tissue")].map((each) => {
    const done = each.status === "done";
    return make("li", { class: "row", "data-level": done ? "good" : "poor" }, make("span", {}, t(`step.${each.name}.title`)), icon(done ? "good" : "unknown"), make("span", {}, t(done ? "status.done" : "walk.skipped")));
  });
  const missing = ["blank", "tissue"].filter((name) => step(name).status !== "done");
  const go = make("button", { class: "button main", type: "button", disabled: !guide.walk.can_apply, onclick: apply }, t("walk.apply"));
  const back = make("button", { class: "button", type: "button", onclick: () => turn(-1) }, t("walk.back"));
  return [
    make("h2", { tabindex: "-1" }, t("walk.summary", { objective: guide.walk.objective })),
    make("ul", { class: "card stack" }, ...lines),
    ...missing.map((name) => make("p", { class: "soft" }, t(`walk.without.${name}`))),
    guide.walk.can_apply ? null : make("p", { class: "trouble" }, t("walk.no_scale")),
    make("div", { class: "buttons" }, cancelButton(leave), back, go),
  ].filter(Boolean);
}
