// The guided calibration: an objective, its scale, clear glass, sharp tissue; each step may be done again.

import * as api from "./api.js";
import { ask } from "./dialogs.js";
import { $, make } from "./elements.js";
import { say, toast, wordsOf } from "./saying.js";
import { applying, beginning, doing } from "./walk_pages.js";
import { progress } from "./walk_parts.js";
import { firstToDo, guide, isBusy, ofPage, PAGES, SCALES } from "./walk_state.js";
import { t } from "./words.js";

const LOOK_MS = 700;

let looking = null;
const hands = { begin, choose, take, turn, apply, leave }; // what the buttons of a page do

export async function drawWalk(state) {
  if (state !== undefined) guide.present = state?.calibration ?? null;
  try {
    const found = await api.walk();
    if (found && !guide.walk) guide.page = firstToDo(found);
    guide.walk = found;
  } catch (error) {
    if (error.status === 404) guide.walk = null;
    else {
      $("walk-body").replaceChildren(make("p", { class: "trouble", role: "alert" }, wordsOf(error)));
      return;
    }
  }
  draw();
}

/** The bar that the present step goes by. */
export const walkGauge = () => (guide.walk && guide.page === "blank" ? "light" : "focus");

export function leaveWalk() {
  clearTimeout(looking);
}

function draw() {
  clearTimeout(looking);
  const body = $("walk-body");
  if (!guide.walk) body.replaceChildren(...beginning(hands));
  else body.replaceChildren(progress(), ...(guide.page === "apply" ? applying(hands) : doing(hands)));
  if (guide.walk && isBusy()) looking = setTimeout(follow, LOOK_MS);
}

/** Look how a step goes on, and say what came of it. */
async function follow() {
  try {
    guide.walk = (await api.walk()) ?? guide.walk;
  } catch (error) {
    if (error.status === 404) guide.walk = null;
  }
  if (guide.walk && !isBusy()) {
    const ended = ofPage(guide.page);
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
    if (answer?.steps) guide.walk = answer;
    draw();
    showOutcome();
  } catch (error) {
    toast(wordsOf(error));
    drawWalk();
  }
}

function begin(objective) {
  guide.page = "scale";
  scrollTo(0, 0);
  does(() => api.beginWalk(objective));
}

function choose(way) {
  guide.way = way;
  draw();
  $("walk-body").querySelector(`input[value="${way}"]`).focus();
}

function take(name) {
  const typed = name === "micrometer" ? guide.used.um : guide.used.stated.replace(",", ".");
  const um = SCALES.includes(name) ? Number(typed) : undefined;
  if (um !== undefined && !(um > 0)) {
    toast(t("walk.stated.wrong"));
    return;
  }
  does(() => api.takeStep(name, um));
}

function turn(by) {
  guide.page = PAGES[PAGES.indexOf(guide.page) + by];
  draw();
  scrollTo(0, 0);
  $("walk-body").querySelector("h2").focus({ preventScroll: true });
}

async function apply() {
  try {
    await api.applyWalk();
    guide.walk = null;
    toast(t("walk.applied"));
    location.hash = "#/live";
  } catch (error) {
    toast(wordsOf(error));
  }
}

async function leave() {
  const left = await ask({ title: t("walk.cancel.title"), words: t("walk.cancel.words"), go: t("walk.cancel"), danger: true, action: () => api.cancelWalk() });
  if (!left) return;
  guide.walk = null;
  draw();
}
