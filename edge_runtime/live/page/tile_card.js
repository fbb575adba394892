// The tile under a finger: how probable, what that means, or why it was not judged; and its neighbours.

import { $, icon, make, show } from "./elements.js";
import { tileAt } from "./cells.js";
import { colour, inkOn } from "./colours.js";
import { choose, chosenTile, shown, tileUnder } from "./picture.js";
import { say } from "./saying.js";
import { has, number, probability, t, tOf } from "./words.js";

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
let threshold = null;

export function setThreshold(value) {
  threshold = value;
}

export function startTiles() {
  $("view").addEventListener("click", (event) => pick(tileUnder(event) ?? null));
  $("view").addEventListener("keydown", (event) => {
    if (event.key in STEPS) pick(stepped(...STEPS[event.key]));
    else if (event.key === "Enter" || event.key === " ") pick(chosenTile() ?? shown.view?.tiles[0] ?? null);
    else if (event.key === "Escape" && shown.chosen) pick(null);
    else return;
    event.preventDefault();
  });
}

function stepped(down, right) {
  const at = shown.chosen;
  if (!at) return shown.view?.tiles[0] ?? null;
  return tileAt(shown.view, at.row + down, at.column + right) ?? chosenTile() ?? null;
}

function pick(tile) {
  const again = tile && shown.chosen && tile.row === shown.chosen.row && tile.column === shown.chosen.column;
  choose(tile);
  drawTile();
  if (tile) say(sentence(tile), { now: true, again });
}

/** What a screen reader says of a tile. */
function sentence(tile) {
  return `${t("tile.place", { row: tile.row + 1, column: tile.column + 1 })}: ${title(tile)}. ${meaning(tile)}`;
}

const title = (tile) =>
  tile.probability === null ? tOf("reason", tile.reason) : t("tile.probability", { value: probability(tile.probability) });

function meaning(tile) {
  if (tile.probability === null) return has(`reason.${tile.reason}.do`) ? t(`reason.${tile.reason}.do`) : "";
  return t(tile.positive ? "tile.positive" : "tile.negative", { threshold: number(threshold ?? 0, 2) });
}

export function drawTile() {
  const tile = chosenTile();
  const card = $("tile");
  show(card, Boolean(tile));
  if (!tile) return;
  const canvas = make("canvas", { width: 168, height: 168, "aria-hidden": "true" });
  cut(canvas, tile);
  const close = make("button", { class: "quiet", type: "button", "aria-label": t("close"), onclick: () => pick(null) }, icon("close"));
  const words = make(
    "div",
    {},
    make("p", { class: tile.probability === null ? "tile-title" : "tile-number" }, tile.probability === null ? make("strong", {}, title(tile)) : probability(tile.probability)),
    make("p", {}, meaning(tile)),
    make("p", { class: "tile-place" }, t("tile.place", { row: tile.row + 1, column: tile.column + 1 })),
  );
  const held = card.contains(document.activeElement);
  const body = make("div", { class: "tile-body" }, make("div", {}, make("div", { class: "tile-head" }, canvas, words, close), more(tile)), near(tile));
  card.replaceChildren(body);
  if (held) close.focus({ preventScroll: true });
}

function cut(canvas, tile) {
  const { bitmap, view } = shown;
  const [width, height] = [view.tile_width * bitmap.width, view.tile_height * bitmap.height];
  canvas.getContext("2d").drawImage(bitmap, tile.x * bitmap.width, tile.y * bitmap.height, width, height, 0, 0, canvas.width, canvas.height);
}

function more(tile) {
  const said = tile.probability === null ? measured(tile) : t("tile.mind");
  const looks = shown.view.looks > 1 ? t("tile.looks", { n: shown.view.looks }) : "";
  return make("p", { class: "tile-more" }, [said, looks].filter(Boolean).join(" "));
}

const measured = (tile) =>
  tile.measure && tile.value !== null ? t("tile.measured", { measure: tOf("measure", tile.measure), value: number(tile.value, 2) }) : "";

function near(tile) {
  const rows = [-1, 0, 1].map((down) => {
    const cells = [-1, 0, 1].map((right) => nearCell(tileAt(shown.view, tile.row + down, tile.column + right), tile));
    return make("tr", {}, ...cells);
  });
  return make("table", { class: "near" }, make("caption", {}, t("tile.near")), make("tbody", {}, ...rows));
}

function nearCell(other, tile) {
  if (!other) return make("td", { "data-none": true, "aria-label": t("tile.outside") });
  if (other.probability === null) return make("td", { "data-none": true, "data-here": other === tile }, tOf("short", other.reason));
  const cell = make("td", { "data-here": other === tile }, probability(other.probability));
  cell.style.background = `rgb(${colour(other.probability).join(" ")})`;
  cell.style.color = inkOn(other.probability);
  return cell;
}
