// The picture and what lies over it: a layer of heat, a layer of marks. Never the heat of one view over another's picture.

import { $, show, write } from "./elements.js";
import { cellAt, cellsOf, reasonMarks } from "./cells.js";
import { colour, opacity } from "./colours.js";
import { hatch, outline, placed, ring } from "./picture_marks.js";
import { number, t } from "./words.js";

const [pictureLayer, heatLayer, markLayer] = ["picture", "heat", "marks"].map($);

export const shown = { view: null, bitmap: null, cells: [], chosen: null };

export function showView(view, bitmap) {
  shown.bitmap?.close();
  Object.assign(shown, { view, bitmap, cells: cellsOf(view) });
  for (const layer of [pictureLayer, heatLayer]) fit(layer, bitmap.width, bitmap.height);
  $("frame").dataset.view = view.number;
  $("live").style.setProperty("--aspect", bitmap.width / bitmap.height);
  pictureLayer.getContext("2d").drawImage(bitmap, 0, 0);
  drawHeat();
  drawMarks();
  drawScale();
}

export function choose(tile) {
  shown.chosen = tile ? { row: tile.row, column: tile.column } : null;
  if (shown.view) drawMarks();
}

export const chosenTile = () =>
  shown.chosen && shown.view?.tiles.find(({ row, column }) => row === shown.chosen.row && column === shown.chosen.column);

export function tileUnder(event) {
  const box = pictureLayer.getBoundingClientRect();
  return cellAt(shown.cells, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height)?.tile;
}

export function setHeat(share) {
  heatLayer.style.opacity = share;
}

/** Draw the colours of probability over a strip of stained tissue, as the legend. */
export function drawRamp(canvas) {
  const pen = canvas.getContext("2d");
  pen.fillStyle = "rgb(222 168 198)";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  for (let x = 0; x < canvas.width; x += 1) fillHeat(pen, x / (canvas.width - 1), x, 0, 1, canvas.height);
}

function fit(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
}

function fillHeat(pen, probability, left, top, width, height) {
  const [red, green, blue] = colour(probability);
  pen.fillStyle = `rgb(${red} ${green} ${blue} / ${opacity(probability)})`;
  pen.fillRect(left, top, width, height);
}

function drawHeat() {
  const pen = heatLayer.getContext("2d");
  pen.clearRect(0, 0, heatLayer.width, heatLayer.height);
  for (const cell of shown.cells) {
    if (cell.tile.probability !== null) fillHeat(pen, cell.tile.probability, ...placed(cell, heatLayer));
  }
}

/** Outlines, hatches and the chosen tile are drawn at the screen's own sharpness. */
export function drawMarks() {
  const box = pictureLayer.getBoundingClientRect();
  if (!box.width || !shown.view) return;
  const fine = Math.min(3, devicePixelRatio || 1);
  fit(markLayer, Math.round(box.width * fine), Math.round(box.height * fine));
  const pen = markLayer.getContext("2d");
  pen.clearRect(0, 0, markLayer.width, markLayer.height);
  const marks = reasonMarks(shown.view);
  for (const cell of shown.cells) if (cell.tile.reason) hatch(pen, cell, marks.get(cell.tile.reason), fine);
  outline(pen, shown.cells, fine);
  const chosen = shown.cells.find((cell) => cell.tile === chosenTile());
  if (chosen) ring(pen, chosen, fine);
}

function drawScale() {
  const { um_per_px: umPerPx, width } = shown.view;
  show($("scale"), umPerPx !== null);
  if (umPerPx === null) return;
  const longest = 0.28 * width * umPerPx;
  const power = 10 ** Math.floor(Math.log10(longest));
  const length = Math.max(...[1, 2, 5].map((step) => step * power).filter((each) => each <= longest));
  const inMm = length >= 1000;
  write($("scale-words"), t(inMm ? "scale.mm" : "scale.um", { length: number(inMm ? length / 1000 : length) }));
  $("scale-bar").style.width = `${(100 * length) / (width * umPerPx) / 100 * pictureLayer.clientWidth}px`;
}

new ResizeObserver(() => {
  drawMarks();
  if (shown.view) drawScale();
}).observe(pictureLayer);
