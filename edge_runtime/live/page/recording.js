// Record, stop, label: the hand at the instrument.

import * as api from "./api.js";
import { ask, field } from "./dialogs.js";
import { $, make, setIcon, show, write } from "./elements.js";
import { drawMark, startMarking } from "./marking.js";
import { prefer, preference } from "./preferences.js";
import { toast, wordsOf } from "./saying.js";
import { duration, t } from "./words.js";

const RECENT = 8;
const KEEPS = ["", "fields", "frames", "pictures", "none"]; // "": as the instrument was started
let last = null; // the newest state
let aheadMs = 0; // the instrument's clock less the phone's

export function startRecording() {
  $("record").addEventListener("click", () => (last?.recording ? stop() : start()));
  startMarking(settle);
  $("relabel").addEventListener("click", relabel);
  setInterval(drawTime, 1000);
}

export function drawRecording(state) {
  const before = last?.recording;
  last = state;
  aheadMs = new Date(state.at).getTime() - Date.now();
  const { recording } = state;
  $("record").setAttribute("aria-disabled", String(!canRecord()));
  if (Boolean(before) !== Boolean(recording) || !$("record-words").textContent) {
    setIcon($("record").firstElementChild, recording ? "stop" : "record");
    write($("record-words"), t(recording ? "record.stop" : "record.start"));
    $("record").classList.toggle("record", !recording);
  }
  show($("session"), Boolean(recording));
  show($("on-air"), Boolean(recording));
  if (recording) drawSession(recording);
  drawMark(recording);
  drawTime();
}

const canRecord = () => Boolean(last?.recording || (last?.can_record && last.phase === "running"));

function drawSession(recording) {
  write($("session-slide"), recording.slide || t("session.no_label"));
  const parts = [t("session.frames", { n: recording.frames })];
  if (recording.marked.length) parts.push(t("session.marked", { n: recording.marked.length }));
  if (recording.waiting) parts.push(t("session.waiting", { n: recording.waiting }));
  write($("session-words"), parts.join(" · "));
}

function drawTime() {
  if (!last?.recording) return;
  write($("on-air-time"), duration((Date.now() + aheadMs - new Date(last.recording.began_at).getTime()) / 1000));
}

/** An empty box, with the last labels at hand: yesterday's label on today's slide is worse than none. */
function slideField(value) {
  const recent = make("datalist", { id: "recent" }, ...preference("slides").map((each) => make("option", { value: each })));
  const control = make("input", { name: "slide", value, list: "recent", required: true, maxlength: "200", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", enterkeyhint: "done" });
  const label = field(t("session.slide"), control, t("session.slide.help"));
  label.append(recent);
  return label;
}

async function start() {
  if (!canRecord()) {
    toast(t(last?.can_record ? "record.not_now" : "record.no_folder"));
    return;
  }
  const operator = make("input", { name: "operator", value: preference("operator"), maxlength: "200", autocomplete: "name", enterkeyhint: "next" });
  const keep = make("select", { name: "keep" }, ...KEEPS.map((each) => make("option", { value: each, selected: each === preference("keep") }, t(`keep.${each || "as_started"}`))));
  const begun = await ask({
    title: t("record.title"),
    fields: [slideField(""), field(t("session.operator"), operator), field(t("session.keep"), keep, t("session.keep.help"))],
    go: t("record.go"),
    ready: (form) => form.elements.slide.value.trim() !== "",
    action: async ({ elements }) => {
      const words = { slide: elements.slide.value.trim(), operator: elements.operator.value.trim(), keep: elements.keep.value };
      const recording = await api.startSession(words.slide, words.operator, words.keep);
      prefer("operator", words.operator);
      prefer("keep", words.keep);
      remember(words.slide);
      return recording;
    },
  });
  if (begun) settle(begun, t("record.begun", { slide: begun.slide }));
}

function remember(slide) {
  prefer("slides", [slide, ...preference("slides").filter((each) => each !== slide)].slice(0, RECENT));
}

async function stop() {
  const { slide, frames } = last.recording;
  const ended = await ask({
    title: t("stop.title"),
    words: t("stop.words", { slide: slide || t("session.no_label"), n: frames }),
    go: t("record.stop"),
    danger: true,
    action: () => api.stopSession(),
  });
  if (ended) settle(null, t("stop.done"));
}

async function relabel() {
  const changed = await ask({
    title: t("session.relabel"),
    fields: [slideField(last?.recording?.slide ?? "")],
    go: t("save"),
    ready: (form) => form.elements.slide.value.trim() !== "",
    action: (form) => api.relabel(form.elements.slide.value.trim()),
  });
  if (!changed) return;
  remember(changed.slide);
  settle(changed);
}

/** Show what came of it at once; the next state confirms it. */
function settle(recording, words) {
  if (last) drawRecording({ ...last, at: new Date(Date.now() + aheadMs).toISOString(), recording });
  if (words) toast(words);
}
