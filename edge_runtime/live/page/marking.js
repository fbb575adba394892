// Mark a field for the pathologist.

import * as api from "./api.js";
import { ask, field } from "./dialogs.js";
import { $, make, setIcon, write } from "./elements.js";
import { shown } from "./picture.js";
import { toast, wordsOf } from "./saying.js";
import { t } from "./words.js";

let recording = null; // the session, as it was told last
let settle = null; // shows a session that changed

export function startMarking(settles) {
  settle = settles;
  $("mark").addEventListener("click", markView);
}

/** Draw the button for the view that is shown, and for the session where another one is given. */
export function drawMark(now = recording) {
  recording = now;
  const marked = isMarked();
  $("mark").setAttribute("aria-disabled", String(!recording || !shown.view));
  $("mark").setAttribute("aria-pressed", String(marked));
  setIcon($("mark").firstElementChild, marked ? "flagged" : "flag");
  write($("mark-words"), t(marked ? "mark.done" : "mark.do"));
}

const isMarked = () => Boolean(recording && shown.view && recording.marked.includes(shown.view.frame));

/** One press marks the view that was shown then; the note comes after, for whoever has the time. */
async function markView() {
  const frame = shown.view?.frame;
  if (!recording || frame === undefined) {
    toast(t("mark.not_now"));
    return;
  }
  try {
    if (isMarked()) {
      settle((await api.unmark(frame)) ?? undone(frame));
      toast(t("mark.undone"));
    } else {
      settle(await api.mark(frame, ""));
      toast(t("mark.marked"), t("mark.note"), () => addNote(frame));
    }
  } catch (error) {
    toast(wordsOf(error));
  }
}

const undone = (frame) => ({ ...recording, marked: recording.marked.filter((each) => each !== frame) });

async function addNote(frame) {
  const note = make("textarea", { name: "note", maxlength: "1000" });
  await ask({
    title: t("mark.note.title"),
    words: t("mark.note.words"),
    fields: [field(t("mark.note.label"), note)],
    go: t("save"),
    action: (form) => api.mark(frame, form.elements.note.value.trim()),
  });
}
