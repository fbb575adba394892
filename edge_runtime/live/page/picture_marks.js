// Marks over the picture: hatches of what was not judged, the outline of what is flagged, the chosen tile.

import { INK, OUTLINE } from "./colours.js";

const QUIET = new Set(["no_tissue", "no_data"]); // bare glass is no fault: it is hatched faintly

/** Where a cell lies on a canvas: left, top, width, height, px. */
export function placed(cell, { width, height }) {
  const [left, right] = [cell.left, cell.right].map((share) => Math.round(share * width));
  const [top, bottom] = [cell.top, cell.bottom].map((share) => Math.round(share * height));
  return [left, top, right - left, bottom - top];
}

/** Hatch a tile that was not judged, with the mark of its reason. */
export function hatch(pen, cell, mark, fine) {
  const [left, top, width, height] = placed(cell, pen.canvas);
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
export function outline(pen, cells, fine) {
  const flagged = new Set(cells.filter((cell) => cell.tile.positive).map(({ tile }) => `${tile.row} ${tile.column}`));
  const has = ({ tile }, down, right) => flagged.has(`${tile.row + down} ${tile.column + right}`);
  const path = new Path2D();
  for (const cell of cells) {
    if (!has(cell, 0, 0)) continue;
    const [left, top, width, height] = placed(cell, pen.canvas);
    const [x, y] = [left, left + width].map((at) => Math.min(pen.canvas.width - 2 * fine, Math.max(2 * fine, at)));
    const [u, v] = [top, top + height].map((at) => Math.min(pen.canvas.height - 2 * fine, Math.max(2 * fine, at)));
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

/** Ring the tile that somebody chose. */
export function ring(pen, cell, fine) {
  const [left, top, width, height] = placed(cell, pen.canvas);
  for (const [style, line] of [["#000", 8 * fine], ["#fff", 4 * fine]]) {
    pen.strokeStyle = style;
    pen.lineWidth = line;
    pen.strokeRect(left, top, width, height);
  }
}
