// Follows the instrument: a long poll for the newest view, its picture, the state; and the way back when nobody answers.

import * as api from "./api.js";

const WAIT_S = 5; // then the state alone is asked for: it changes while views stand still
const SHORTEST_MS = 150; // between two views: a phone's eye sees no more
const LATER_MS = [500, 1000, 2000, 3000];

const sleep = (ms) => new Promise((wake) => setTimeout(wake, ms));

function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((wake) => {
    document.addEventListener("visibilitychange", wake, { once: true });
  });
}

/** Tell `told` for ever: state(state), view(view, bitmap), lost(error, seconds until the next try), back(). */
export async function watch(told) {
  let after = -1;
  let failed = 0;
  for (;;) {
    await visible(); // a phone in a pocket costs the instrument nothing
    const began = performance.now();
    try {
      const answer = await api.newest(after, failed ? 0 : WAIT_S);
      const state = answer?.state ?? (await api.state());
      if (failed) told.back();
      failed = 0;
      if (state.newest !== null && state.newest < after) after = -1; // it was started anew
      told.state(state);
      if (answer) {
        after = answer.view.number;
        await draw(answer.view, told);
      }
      await sleep(Math.max(0, SHORTEST_MS - (performance.now() - began)));
    } catch (error) {
      if (!(error instanceof api.Lost || error instanceof api.Refused)) reportError(error); // a fault of the page's own
      const later = LATER_MS[Math.min(failed, LATER_MS.length - 1)];
      failed += 1;
      if (failed === 1) after = -1;
      told.lost(error, later / 1000);
      await Promise.race([sleep(later), new Promise((wake) => addEventListener("online", wake, { once: true }))]);
    }
  }
}

/** A view is drawn together with its own picture, or not at all. */
async function draw(view, told) {
  let blob;
  try {
    blob = await api.picture(view.number);
  } catch (error) {
    if (error instanceof api.Refused && error.status === 404) return; // only the newest few are held: take the next
    throw error;
  }
  const bitmap = await createImageBitmap(blob).catch(() => null);
  if (bitmap) told.view(view, bitmap);
}
