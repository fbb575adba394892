// Dialogs that ask: a form, two buttons, and the instrument's answer in place when it refuses.

import { make } from "./elements.js";
import { wordsOf } from "./saying.js";
import { t } from "./words.js";

/**
 * Ask in a dialog. `fields` are elements; `action(form)` does it and may throw; resolves to its value, or null where
 * the person left. `ready(form)` tells whether it may be done yet.
 */
export function ask({ title, words, fields = [], go, danger = false, action, ready }) {
  return new Promise((done) => {
    const trouble = make("p", { class: "trouble", role: "alert" });
    const submit = make("button", { class: danger ? "button danger" : "button main", type: "submit" }, go);
    const leave = make("button", { class: "button", type: "button", onclick: () => dialog.close() }, t("cancel"));
    const heading = make("h2", { id: "asked" }, title);
    const form = make("form", { method: "dialog" }, heading, words ? make("p", { class: "soft" }, words) : null, ...fields, trouble, make("div", { class: "choices" }, leave, submit));
    const dialog = make("dialog", { "aria-labelledby": "asked" }, form);
    let result = null;
    const look = () => { submit.disabled = ready ? !ready(form) : false; };
    form.addEventListener("input", look);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      trouble.textContent = "";
      submit.disabled = true;
      try {
        result = (await action(form)) ?? true;
        dialog.close();
      } catch (error) {
        trouble.textContent = wordsOf(error);
        look();
      }
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(result);
    });
    document.body.append(dialog);
    look();
    dialog.showModal();
  });
}

/** A field of a form: its label, the control, and a word of help. */
export function field(label, control, help) {
  return make("label", { class: "field" }, label, control, help ? make("small", {}, help) : null);
}

/** A choice of few as buttons: `options` are [value, words]. */
export function picks(name, legend, options, chosen) {
  const each = options.map(([value, words]) =>
    make("label", {}, make("input", { type: "radio", name, value, checked: value === chosen }), make("span", {}, words)),
  );
  return make("fieldset", { class: "picks" }, make("legend", {}, legend), ...each);
}
