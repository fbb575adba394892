// The legend of the heat: its colours, the operating point among them, and how strongly the heat is laid over.

import { $, show, write } from "./elements.js";
import { drawRamp, setHeat } from "./picture.js";
import { prefer, preference } from "./preferences.js";
import { number, t } from "./words.js";

export function startLegend() {
  drawRamp($("ramp"));
  $("opacity").value = 100 * preference("heat");
  $("opacity").addEventListener("input", () => {
    prefer("heat", $("opacity").value / 100);
    setHeat(preference("heat"));
  });
  setHeat(preference("heat"));
}

export function drawPoint(threshold) {
  show($("ramp-mark"), true);
  $("ramp-mark").style.left = `${100 * threshold}%`;
  $("ramp-point").style.left = `clamp(5.4rem, ${100 * threshold}%, 100% - 5.4rem)`;
  write($("ramp-point"), t("legend.point", { threshold: number(threshold, 2) }));
}
