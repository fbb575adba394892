// Where a view's tiles lie. Neighbours overlap a little; each owns the part up to the middle of what they share.

/** Cells of a view, as shares of the picture: {tile, left, top, right, bottom}. */
export function cellsOf(view) {
  const lefts = edges(view.tiles, "column", "x", view.tile_width);
  const tops = edges(view.tiles, "row", "y", view.tile_height);
  return view.tiles.map((tile) => {
    const [left, right] = lefts.get(tile.column);
    const [top, bottom] = tops.get(tile.row);
    return { tile, left, top, right, bottom };
  });
}

function edges(tiles, index, start, length) {
  const starts = new Map();
  for (const tile of tiles) starts.set(tile[index], tile[start]);
  const order = [...starts.keys()].sort((one, other) => one - other);
  const found = new Map();
  order.forEach((each, place) => {
    const [before, after] = [order[place - 1], order[place + 1]];
    const from = starts.get(each);
    const near = (other) => other !== undefined && Math.abs(starts.get(other) - from) < length;
    const low = near(before) ? (starts.get(before) + length + from) / 2 : from;
    const high = near(after) ? (from + length + starts.get(after)) / 2 : from + length;
    found.set(each, [Math.max(0, low), Math.min(1, high)]);
  });
  return found;
}

export function cellAt(cells, x, y) {
  return cells.find((cell) => x >= cell.left && x < cell.right && y >= cell.top && y < cell.bottom);
}

export const tileAt = (view, row, column) => view?.tiles.find((tile) => tile.row === row && tile.column === column);

/** A mark of two letters for each reason of a view's tiles, as overlays have them. */
export function reasonMarks(view) {
  const marks = new Map();
  const taken = new Set();
  const reasons = new Set(view.tiles.map((tile) => tile.reason).filter((reason) => reason && reason !== "no_data"));
  for (const reason of [...reasons].sort()) {
    const words = reason.split("_").filter((word) => word && word !== "or");
    let mark = (words.length > 1 ? words.map((word) => word[0]).join("") : reason.slice(0, 2)).toUpperCase();
    if (taken.has(mark)) mark += taken.size;
    taken.add(mark);
    marks.set(reason, mark);
  }
  return marks;
}
