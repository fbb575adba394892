// What is seen beside the guided calibration: the picture, and the bar that its step goes by.

import { $ } from "./elements.js";
import { drawGauge, makeGauge } from "./gauges.js";
import { walkGauge } from "./walk.js";

export function drawSmall(bitmap) {
  const canvas = $("walk-picture");
  [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
}

/** Beside the guided calibration stands the bar that its step goes by. */
export function drawWalkGauge(state) {
  const box = $("walk-gauge");
  const kind = walkGauge();
  if (box.dataset.kind !== kind) makeGauge(box, kind);
  box.dataset.kind = kind;
  drawGauge(box, kind, state[kind]);
}
