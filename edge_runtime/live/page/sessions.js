// The list of sessions.

import * as api from "./api.js";
import { $, icon, make } from "./elements.js";
import { wordsOf } from "./saying.js";
import { has, moment, number, t } from "./words.js";

export async function drawSessions() {
  const body = $("sessions-body");
  body.setAttribute("aria-busy", "true");
  if (!body.firstChild) body.replaceChildren(make("p", { class: "soft" }, t("loading")));
  let found;
  try {
    found = (await api.sessions()).sessions;
  } catch (error) {
    body.replaceChildren(make("p", { class: "trouble", role: "alert" }, wordsOf(error)));
    return;
  } finally {
    body.removeAttribute("aria-busy");
  }
  if (!found.length) body.replaceChildren(make("p", { class: "card" }, t("sessions.none")));
  else body.replaceChildren(make("ul", { class: "stack" }, ...found.map((each) => make("li", {}, card(each)))));
}

function card(each) {
  const title = make("div", { class: "row" }, make("h2", {}, each.slide || each.id), chip(each));
  const lines = each.trouble ? [make("p", { class: "soft" }, each.trouble)] : [make("p", { class: "soft" }, moment(each.made_at)), make("p", { class: "soft" }, sums(each))];
  return make("a", { class: "card", href: `#/session/${encodeURIComponent(each.id)}` }, title, ...lines);
}

export function sums(each) {
  const parts = [t("session.frames", { n: each.frames })];
  if (each.marked) parts.push(t("session.marked", { n: each.marked }));
  parts.push(t("sessions.megabytes", { value: number(each.megabytes, each.megabytes < 10 ? 1 : 0) }));
  if (each.operator) parts.push(each.operator);
  return parts.join(" · ");
}

/** How it ended, where that is worth a word. */
export function chip(each) {
  if (each.trouble) return make("span", { class: "chip", "data-level": "bad" }, t("sessions.damaged"));
  const key = `ended.${each.ended_by}`;
  if (!has(key)) return icon("next");
  return make("span", { class: "chip", "data-level": each.ended_by === "running" ? "good" : "poor" }, t(key));
}
