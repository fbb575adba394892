// The picture and what lies over it: a layer of heat, a layer of marks. Never the heat of one view over another's picture.

import { $, show, write } from "./elements.js";
import { cellAt, cellsOf, reasonMarks } from "./cells.js";
import { colour, INK, opacity, OUTLINE } from "./colours.js";
import { number, t } from "./words.js";

const QUIET = new Set(["no_tissue", "no_data"]); // bare glass is no fault: it is hatched faintly
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

function placed(cell, { width, height }) {
  const [left, right] = [cell.left, cell.right].map((share) => Math.round(share * width));
  const [top, bottom] = [cell.top, cell.bottom].map((share) => Math.round(share * height));
  return [left, top, right - left, bottom - top];
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
  outline(pen, fine);
  const chosen = shown.cells.find((cell) => cell.tile === chosenTile());
  if (chosen) ring(pen, chosen, fine);
}

function hatch(pen, cell, mark, fine) {
  const [left, top, width, height] = placed(cell, markLayer);
  const quiet = QUIET.has(cell.tile.reason);
  pen.save();
  pen.beginPath();
  pen.rect(left, top, width, height);
  pen.clip();
  pen.globalAlpha = quiet ? 0.35 : 0.85;
  for (const [style, off] of [["#202124", 0], ["#fff", 1.5]]) {
    pen.strokeStyle = style;
    pen.lineWidth = 1.5 * fine;
    pen.beginPath();
    const step = (quiet ? 16 : 11) * fine;
    for (let at = Math.floor((left + top) / step) * step; at < left + width + top + height; at += step) {
      pen.moveTo(at + off * fine - top, top);
      pen.lineTo(at + off * fine - top - height, top + height);
    }
    pen.stroke();
  }
  pen.restore();
  if (mark && !quiet && width > 26 * fine && height > 20 * fine) plate(pen, mark, left + width / 2, top + height / 2, fine);
}

function plate(pen, words, x, y, fine) {
  pen.font = `700 ${12 * fine}px system-ui, sans-serif`;
  const half = pen.measureText(words).width / 2 + 4 * fine;
  pen.fillStyle = "#fff";
  pen.fillRect(x - half, y - 9 * fine, 2 * half, 18 * fine);
  pen.fillStyle = INK;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(words, x, y + fine / 2);
}

/** Outline what is flagged, as one region: a side that two flagged tiles share is left out. */
function outline(pen, fine) {
  const flagged = new Set(shown.cells.filter((cell) => cell.tile.positive).map(({ tile }) => `${tile.row} ${tile.column}`));
  const has = ({ tile }, down, right) => flagged.has(`${tile.row + down} ${tile.column + right}`);
  const path = new Path2D();
  for (const cell of shown.cells) {
    if (!has(cell, 0, 0)) continue;
    const [left, top, width, height] = placed(cell, markLayer);
    const [x, y] = [left, left + width].map((at) => Math.min(markLayer.width - 2 * fine, Math.max(2 * fine, at)));
    const [u, v] = [top, top + height].map((at) => Math.min(markLayer.height - 2 * fine, Math.max(2 * fine, at)));
    for (const [down, right, ...side] of [[-1, 0, x, u, y, u], [1, 0, x, v, y, v], [0, -1, x, u, x, v], [0, 1, y, u, y, v]]) {
      if (has(cell, down, right)) continue;
      path.moveTo(side[0], side[1]);
      path.lineTo(side[2], side[3]);
    }
  }
  pen.lineCap = "square";
  for (const [style, line] of [[INK, 5 * fine], [OUTLINE, 2.5 * fine]]) {
    pen.strokeStyle = style;
    pen.lineWidth = line;
    pen.stroke(path);
  }
}

function ring(pen, cell, fine) {
  const [left, top, width, height] = placed(cell, markLayer);
  for (const [style, line] of [["#000", 8 * fine], ["#fff", 4 * fine]]) {
    pen.strokeStyle = style;
    pen.lineWidth = line;
    pen.strokeRect(left, top, width, height);
  }
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
