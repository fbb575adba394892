// One session: its worst fields, what it can be taken away as, and its end.

import * as api from "./api.js";
import { ask } from "./dialogs.js";
import { $, icon, make } from "./elements.js";
import { chip, sums } from "./sessions.js";
import { say, toast, wordsOf } from "./saying.js";
import { has, moment, number, probability, t, tOf } from "./words.js";

const WORST = 24;
const WHOLE = "session";
const EXPORTS = ["report", "pdf", "csv", "geojson", "mosaic", "jsonl", WHOLE];

export async function drawSession(id) {
  const body = $("one-body");
  body.setAttribute("aria-busy", "true");
  body.replaceChildren(make("p", { class: "soft" }, t("loading")));
  $("one-title").textContent = "";
  try {
    const found = (await api.sessions()).sessions.find((each) => each.id === id);
    if (!found) throw new api.Refused(404, "not_there", t("one.gone"));
    $("one-title").textContent = found.slide || id;
    const rest = found.trouble ? [downloads(id, [WHOLE])] : await parts(id); // to be mended elsewhere
    body.replaceChildren(head(found), ...rest, remove(id, found));
  } catch (error) {
    $("one-title").textContent = id;
    body.replaceChildren(make("p", { class: "trouble", role: "alert" }, wordsOf(error)));
  } finally {
    body.removeAttribute("aria-busy");
  }
}

async function parts(id) {
  const [more, fields] = await Promise.all([api.session(id), worst(id)]);
  return [downloads(id, more.exports), fields, facts(more)];
}

function head(found) {
  if (found.trouble) return make("p", { class: "card" }, found.trouble);
  const when = [t("one.began", { when: moment(found.made_at) })];
  if (found.ended_at) when.push(t("one.ended", { when: moment(found.ended_at) }));
  const said = (found.said ?? []).map((words) => make("p", { class: "soft" }, words));
  const ended = has(`ended.${found.ended_by}`) ? chip(found) : null;
  return make("div", { class: "card" }, make("div", { class: "row" }, make("p", {}, when.join(" · ")), ended), make("p", { class: "soft" }, sums(found)), ...said);
}

/** How it was judged, and of how many tiles what was said. */
function facts(found) {
  const pairs = [
    ["about.point", tOf("point", found.operating_point)],
    ["about.hash", found.model_sha256.slice(0, 16)],
    ["about.calibration", found.calibration_sha256?.slice(0, 16) ?? t("about.none")],
    ["session.keep", tOf("keep", found.keep)],
    ["about.source", found.source],
    ["about.software", found.software],
  ].map(([key, value]) => [t(key), value]);
  const tiles = Object.entries(found.tiles).map(([kind, n]) => [t("one.tiles", { kind: tOf("reason", kind) }), number(n)]);
  const list = [...pairs, ...tiles].flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]);
  return make("section", { class: "block" }, make("h2", {}, t("one.facts")), make("dl", { class: "card pairs" }, ...list));
}

/** Links to what can be made there: a package may be missing, or the session still goes on. */
function downloads(id, made) {
  const links = EXPORTS.filter((kind) => made.includes(kind)).map((kind) => {
    const words = make("span", {}, t(`export.${kind}`), make("small", {}, t(`export.${kind}.help`)));
    const link = make("a", { class: "button", href: api.exportUrl(id, kind), download: true, "data-kind": kind }, icon("download"), words);
    if (kind !== WHOLE) link.addEventListener("click", (event) => (event.preventDefault(), fetched(link, id, kind)));
    return link;
  });
  return make("section", { class: "block" }, make("h2", {}, t("one.downloads")), make("div", { class: "downloads" }, ...links));
}

/** What has to be made first is asked for until it is there: a refusal is read, not saved as a file. */
async function fetched(link, id, kind) {
  if (link.getAttribute("aria-disabled") === "true") return;
  link.setAttribute("aria-disabled", "true");
  link.classList.add("busy");
  say(t("export.made"), { now: true });
  try {
    while (!(await api.exportIsMade(id, kind)));
    make("a", { href: api.exportUrl(id, kind), download: true }).click();
  } catch (error) {
    toast(wordsOf(error));
  } finally {
    link.removeAttribute("aria-disabled");
    link.classList.remove("busy");
  }
}

async function worst(id) {
  const { fields, warnings } = await api.worst(id, WORST);
  const list = fields.length ? make("ul", { class: "worst" }, ...fields.map((each) => make("li", {}, figure(id, each)))) : make("p", { class: "soft" }, t("one.worst.none"));
  return make("section", { class: "block" }, make("h2", {}, t("one.worst")), make("p", { class: "soft" }, t("one.worst.help")), ...warnings.map((words) => make("p", { class: "trouble" }, words)), list);
}

function figure(id, each) {
  const alt = t("one.worst.alt", { frame: each.frame });
  const picture = make("img", { src: api.thumbnailUrl(id, each.frame), alt, loading: "lazy", width: "320", height: "240" });
  picture.addEventListener("error", () => picture.replaceWith(make("p", { class: "no-picture" }, t("one.worst.no_picture"))));
  const marked = each.marked ? make("span", { class: "row" }, icon("flagged"), each.note || t("mark.done")) : null;
  const caption = make("figcaption", {}, make("b", {}, probability(each.probability)), make("span", { class: "soft" }, t("one.worst.flagged", { n: each.positive })), make("span", { class: "soft" }, t("one.worst.frame", { frame: each.frame })), marked);
  return make("figure", {}, picture, caption);
}

function remove(id, found) {
  if (found.ended_by === "running") return make("p", { class: "soft block" }, t("delete.running"));
  const button = make("button", { class: "button danger", type: "button", onclick: () => askToDelete(id, found) }, icon("bin"), t("delete.do"));
  return make("section", { class: "block" }, make("h2", {}, t("delete.heading")), button);
}

async function askToDelete(id, found) {
  const sure = make("input", { type: "checkbox", name: "sure" });
  const gone = await ask({
    title: t("delete.title", { slide: found.slide || id }),
    words: t("delete.words", { n: found.frames ?? 0 }),
    fields: [make("label", { class: "check" }, sure, make("span", {}, t("delete.sure")))],
    go: t("delete.do"),
    danger: true,
    ready: (form) => form.elements.sure.checked,
    action: () => api.deleteSession(id),
  });
  if (!gone) return;
  toast(t("delete.done"));
  location.hash = "#/sessions";
}
