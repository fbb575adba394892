// The guided calibration: an objective, its scale, clear glass, sharp tissue; each step may be done again.

import * as api from "./api.js";
import { ask, field, picks } from "./dialogs.js";
import { $, icon, make } from "./elements.js";
import { say, toast, wordsOf } from "./saying.js";
import { has, moment, number, t, tOf } from "./words.js";

const SCALES = ["micrometer", "stated"];
const PAGES = ["scale", "blank", "tissue", "apply"];
const LOOK_MS = 700;
const OBJECTIVES = ["4x", "10x", "20x", "40x"];

let walk = null;
let page = "scale";
let way = "micrometer"; // how the scale is told
let looking = null;
let atWork = null;
let used = { um: "10", stated: "" };

export async function drawWalk(state) {
  if (state !== undefined) atWork = state?.calibration ?? null;
  try {
    const found = await api.walk();
    if (found && !walk) page = firstToDo(found);
    walk = found;
  } catch (error) {
    if (error.status === 404) walk = null;
    else {
      $("walk-body").replaceChildren(make("p", { class: "trouble", role: "alert" }, wordsOf(error)));
      return;
    }
  }
  draw();
}

/** The bar that the present step goes by. */
export const walkGauge = () => (walk && page === "blank" ? "light" : "focus");

export function leaveWalk() {
  clearTimeout(looking);
}

const step = (name) => walk.steps.find((each) => each.name === name);
const ofPage = (name) => (name === "scale" ? scaleStep() : step(name));
const scaleStep = () => SCALES.map(step).find((each) => each.status !== "to_do") ?? step(way);
const isBusy = () => walk.steps.some((each) => each.status === "busy");

function firstToDo(found) {
  if (!found.can_apply) return "scale";
  const open = found.steps.find((each) => ["blank", "tissue"].includes(each.name) && each.status !== "done");
  return open?.name ?? "apply";
}

function draw() {
  clearTimeout(looking);
  const body = $("walk-body");
  if (!walk) body.replaceChildren(...beginning());
  else body.replaceChildren(progress(), ...(page === "apply" ? applying() : doing()));
  if (walk && isBusy()) looking = setTimeout(follow, LOOK_MS);
}

/** Look how a step goes on, and say what came of it. */
async function follow() {
  try {
    walk = (await api.walk()) ?? walk;
  } catch (error) {
    if (error.status === 404) walk = null;
  }
  if (walk && !isBusy()) {
    const ended = ofPage(page);
    if (ended) say(`${t(`step.${ended.status}`)} ${ended.message ?? ""}`, { now: true });
  }
  draw();
  showOutcome();
}

function showOutcome() {
  $("walk-body").querySelector(".said")?.scrollIntoView({ block: "nearest" });
}

async function does(action) {
  try {
    const answer = await action();
    if (answer?.steps) walk = answer;
    draw();
    showOutcome();
  } catch (error) {
    toast(wordsOf(error));
    drawWalk();
  }
}

function beginning() {
  const choice = picks("objective", t("walk.objective"), [...OBJECTIVES.map((each) => [each, each]), ["", t("walk.other")]], "4x");
  const other = make("input", { name: "other", maxlength: "40", autocomplete: "off" });
  const named = field(t("walk.other.label"), other);
  named.hidden = true;
  choice.addEventListener("change", (event) => { named.hidden = event.target.value !== ""; });
  const form = make("form", {}, choice, named, make("div", { class: "buttons" }, make("button", { class: "button main", type: "submit" }, t("walk.begin"))));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    page = "scale";
    scrollTo(0, 0);
    does(() => api.beginWalk(form.elements.objective.value || other.value.trim()));
  });
  return [present(), drawing("objective"), make("p", {}, t("walk.words")), make("p", { class: "soft" }, t("walk.need")), form];
}

/** Which calibration is at work now. */
function present() {
  if (!atWork) return make("p", { class: "card" }, t("walk.present.none"));
  const words = { name: atWork.name || atWork.sha256.slice(0, 8), objective: atWork.objective || t("about.unknown"), value: number(atWork.um_per_px, 3) };
  const until = atWork.expires_at ? make("p", { class: "soft" }, t("walk.present.until", { when: moment(atWork.expires_at) })) : null;
  return make("div", { class: "card" }, make("p", {}, t("walk.present", words)), until);
}

const drawing = (name) => icon(`draw-${name}`, "drawing");

function progress() {
  const items = PAGES.map((name) => {
    const status = name === "apply" ? "to_do" : ofPage(name).status;
    const word = name === "apply" ? "" : `: ${t(`status.${status}`)}`;
    return make("li", { "data-status": status, "aria-current": name === page ? "step" : null }, t(`page.${name}`), make("span", { class: "unseen" }, word));
  });
  return make("ol", { class: "steps", "aria-label": t("walk.steps") }, ...items);
}

function doing() {
  const name = page === "scale" ? way : page;
  const at = ofPage(page);
  const parts = [make("h2", { tabindex: "-1" }, t(`step.${name}.title`))];
  if (page === "scale") parts.push(ways());
  parts.push(drawing(name), how(name));
  if (name === "micrometer") parts.push(pitch());
  if (name === "stated") parts.push(stated());
  if (at.status !== "to_do" && (page !== "scale" || at.name === way)) parts.push(outcome(at));
  parts.push(buttons(name, at));
  return parts;
}

function ways() {
  const choice = picks("way", t("walk.way"), SCALES.map((each) => [each, t(`way.${each}`)]), way);
  choice.addEventListener("change", (event) => {
    way = event.target.value;
    draw();
    $("walk-body").querySelector(`input[value="${way}"]`).focus();
  });
  return choice;
}

function how(name) {
  const lines = [1, 2, 3].map((place) => `step.${name}.how.${place}`).filter(has);
  return make("ol", { class: "how" }, ...lines.map((key) => make("li", {}, make("span", {}, t(key)))));
}

function pitch() {
  const choice = picks("um", t("walk.pitch"), ["10", "50", "100"].map((each) => [each, t("walk.um", { value: each })]), used.um);
  choice.addEventListener("change", (event) => { used.um = event.target.value; });
  return choice;
}

function stated() {
  const box = make("input", { name: "um", inputmode: "decimal", value: used.stated, autocomplete: "off" });
  box.addEventListener("input", () => { used.stated = box.value; });
  return field(t("walk.stated"), box, t("walk.stated.help"));
}

function outcome(at) {
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

function buttons(name, at) {
  const mine = at.name === name;
  const [busy, done, tried] = [isBusy(), at.status === "done", mine && ["done", "refused"].includes(at.status)];
  const go = make("button", { class: `button ${done ? "" : "main"} ${busy ? "busy" : ""}`, type: "button", disabled: busy, onclick: () => take(name) }, t(busy ? "step.busy" : tried ? "walk.again" : `step.${name}.go`));
  const next = done || page !== "scale" ? make("button", { class: done ? "button main" : "button", type: "button", disabled: busy, onclick: forward }, t(done ? "walk.next" : "walk.skip")) : null;
  const back = page === "scale" ? cancelButton() : make("button", { class: "button", type: "button", disabled: busy, onclick: backward }, t("walk.back"));
  return make("div", { class: "buttons" }, back, go, next);
}

const cancelButton = () => make("button", { class: "button", type: "button", onclick: leave }, t("walk.cancel"));

function take(name) {
  const typed = name === "micrometer" ? used.um : used.stated.replace(",", ".");
  const um = SCALES.includes(name) ? Number(typed) : undefined;
  if (um !== undefined && !(um > 0)) {
    toast(t("walk.stated.wrong"));
    return;
  }
  does(() => api.takeStep(name, um));
}

function turn(by) {
  page = PAGES[PAGES.indexOf(page) + by];
  draw();
  scrollTo(0, 0);
  $("walk-body").querySelector("h2").focus({ preventScroll: true });
}

const forward = () => turn(1);
const backward = () => turn(-1);

function applying() {
  const lines = [scaleStep(), step("blank"), step("tissue")].map((each) => {
    const done = each.status === "done";
    return make("li", { class: "row", "data-level": done ? "good" : "poor" }, make("span", {}, t(`step.${each.name}.title`)), icon(done ? "good" : "unknown"), make("span", {}, t(done ? "status.done" : "walk.skipped")));
  });
  const missing = ["blank", "tissue"].filter((name) => step(name).status !== "done");
  const go = make("button", { class: "button main", type: "button", disabled: !walk.can_apply, onclick: apply }, t("walk.apply"));
  const back = make("button", { class: "button", type: "button", onclick: backward }, t("walk.back"));
  return [
    make("h2", { tabindex: "-1" }, t("walk.summary", { objective: walk.objective })),
    make("ul", { class: "card stack" }, ...lines),
    ...missing.map((name) => make("p", { class: "soft" }, t(`walk.without.${name}`))),
    walk.can_apply ? null : make("p", { class: "trouble" }, t("walk.no_scale")),
    make("div", { class: "buttons" }, cancelButton(), back, go),
  ].filter(Boolean);
}

async function apply() {
  try {
    await api.applyWalk();
    walk = null;
    toast(t("walk.applied"));
    location.hash = "#/live";
  } catch (error) {
    toast(wordsOf(error));
  }
}

async function leave() {
  const left = await ask({ title: t("walk.cancel.title"), words: t("walk.cancel.words"), go: t("walk.cancel"), danger: true, action: () => api.cancelWalk() });
  if (!left) return;
  walk = null;
  draw();
}
