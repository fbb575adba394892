// Words for people, in the language chosen: strings/LANGUAGE.json. Nothing that a person reads stands anywhere else.

let table = {};
let language = "en";
let plurals = new Intl.PluralRules("en");

export async function loadWords(wanted) {
  language = wanted;
  const answer = await fetch(`/page/strings/${wanted}.json`);
  if (!answer.ok) {
    if (wanted === "en") throw new Error(`strings ${answer.status}`);
    return loadWords("en");
  }
  table = await answer.json();
  plurals = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  return undefined;
}

export const has = (key) => key in table;

/** The words of a key; {name} stands for a value. Words that count are {one, other} and go by the value `n`. */
export function t(key, values = {}) {
  const found = table[key];
  if (found === undefined) return key;
  const text = typeof found === "string" ? found : found[plurals.select(values.n)] ?? found.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? number(value) : value;
  });
}

/** The words of `group.code`; where a newer instrument says a code that has none yet, the code itself, readable. */
export function tOf(group, code, values) {
  const key = `${group}.${code}`;
  return has(key) ? t(key, values) : code.replaceAll("_", " ");
}

export function number(value, digits) {
  const most = digits ?? (Number.isInteger(value) ? 0 : 2);
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits ?? 0, maximumFractionDigits: most }).format(value);
}

/** A probability is never shown as a certainty: what rounds to 0 or 1 is said to be below .01 or above .99. */
export function probability(value) {
  if (value < 0.005) return t("probability.below", { value: number(0.01, 2) });
  if (value > 0.995) return t("probability.above", { value: number(0.99, 2) });
  return number(value, 2);
}

export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (part) => String(part).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export function age(seconds) {
  if (seconds < 100) return t("age.seconds", { n: Math.round(seconds) });
  if (seconds < 5400) return t("age.minutes", { n: Math.round(seconds / 60) });
  if (seconds < 129600) return t("age.hours", { n: Math.round(seconds / 3600) });
  return t("age.days", { n: Math.round(seconds / 86400) });
}

export function moment(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text;
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(date);
}

export const clock = (date) => new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(date);

/** Write the words into all that has data-t (its text) or data-t-label, data-t-placeholder, data-t-title. */
export function fillWords(root = document) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const element of root.querySelectorAll("[data-t-title]")) element.title = t(element.dataset.tTitle);
  for (const element of root.querySelectorAll("[data-t-placeholder]")) element.placeholder = t(element.dataset.tPlaceholder);
}
