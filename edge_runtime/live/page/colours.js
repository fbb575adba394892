// The colours of probability: those of the overlays (edge_runtime/sinks/colours.py; a test holds the two together).

// viridis (van der Walt & Smith, CC0): even in lightness, blue-green-yellow against the pink of eosin
const ANCHORS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
const OPACITY = [[0, 0], [0.15, 0], [0.5, 0.36], [1, 0.6]];

export const OUTLINE = "rgb(255 236 61)";
export const INK = "rgb(32 33 36)";

/** [red, green, blue], 0..255, of a probability 0..1. */
export function colour(probability) {
  const place = Math.min(1, Math.max(0, probability)) * (ANCHORS.length - 1);
  const below = Math.min(ANCHORS.length - 2, Math.floor(place));
  const part = place - below;
  return ANCHORS[below].map((low, channel) => Math.round(low + part * (ANCHORS[below + 1][channel] - low)));
}

/** 0..1: what is hardly suspicious stays as it is. */
export function opacity(probability) {
  const after = OPACITY.findIndex(([at]) => at >= probability);
  if (after <= 0) return after === 0 ? OPACITY[0][1] : OPACITY.at(-1)[1];
  const [[from, low], [to, high]] = [OPACITY[after - 1], OPACITY[after]];
  return low + ((probability - from) / (to - from)) * (high - low);
}

/** Text on a probability's full colour: black or white, whichever is the more legible. */
export function inkOn(probability) {
  const [red, green, blue] = colour(probability).map((level) => {
    const share = level / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
}
