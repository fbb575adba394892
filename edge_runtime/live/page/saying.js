// What is said aloud to a screen reader, and shown for a moment to everybody: not five times a second.

import { $, make, write } from "./elements.js";
import { t } from "./words.js";

const STEADY_MS = 1500; // a verdict that does not last is not read
const APART_MS = 6000;
const TOAST_MS = 3500;
const TO_DO_MS = 9000; // with a button: gloves take their time

let waiting = null;
let lastAt = -APART_MS;

/** Say a sentence; unless `now`, when it has stood for a moment and the last one is a while ago. */
export function say(words, { now = false, again = false } = {}) {
  clearTimeout(waiting);
  if (now) {
    if (again) $("said").textContent = ""; // so that the same words are read once more
    requestAnimationFrame(() => write($("said"), words));
    lastAt = performance.now();
    return;
  }
  if (words === $("said").textContent) return;
  const later = Math.max(STEADY_MS, lastAt + APART_MS - performance.now());
  waiting = setTimeout(() => say(words, { now: true }), later);
}

/** Show a line at the foot of the page for a moment, with something to do about it. */
export function toast(words, label, action) {
  const line = make("div", { class: "toast" }, make("span", {}, words));
  const close = () => line.remove();
  if (label) line.append(make("button", { type: "button", onclick: () => (close(), action()) }, label));
  $("toasts").replaceChildren(line);
  setTimeout(close, label ? TO_DO_MS : TOAST_MS);
  return close;
}

/** The words of an error: the instrument's own where it said why. */
export const wordsOf = (error) => error.message && error.status ? error.message : t("lost.nobody");
