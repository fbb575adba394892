// What the guided calibration knows: the instrument's answer, and which part of it is shown.

export const SCALES = ["micrometer", "stated"];
export const PAGES = ["scale", "blank", "tissue", "apply"];

export const guide = {
  walk: null, // as the instrument tells it; null: none is under way
  page: "scale",
  way: "micrometer", // how the scale is told
  used: { um: "10", stated: "" },
  present: null, // the calibration at work
};

export const step = (name) => guide.walk.steps.find((each) => each.name === name);
export const ofPage = (name) => (name === "scale" ? scaleStep() : step(name));
export const scaleStep = () => SCALES.map(step).find((each) => each.status !== "to_do") ?? step(guide.way);
export const isBusy = () => guide.walk.steps.some((each) => each.status === "busy");

export function firstToDo(found) {
  if (!found.can_apply) return "scale";
  const open = found.steps.find((each) => ["blank", "tissue"].includes(each.name) && each.status !== "done");
  return open?.name ?? "apply";
}
