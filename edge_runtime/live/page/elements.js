// Elements of the page, made and found.

export const $ = (id) => document.getElementById(id);

const SVG = "http://www.w3.org/2000/svg";

/** Make an element: make("p", {class: "big", onclick: f}, "words", child). Text is text, never markup. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Bring the drawings into the page, once: what is used of them later needs no network. */
export async function loadIcons() {
  const answer = await fetch("/page/icons.svg");
  const drawings = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
  document.body.append(document.importNode(drawings, true));
}

/** A drawing of icons.svg; it says nothing to a screen reader, since words stand beside it. */
export function icon(name, kind = "icon") {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", kind);
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  drawing.append(use);
  return drawing;
}

export function setIcon(drawing, name) {
  drawing.firstElementChild.setAttribute("href", `#i-${name}`);
}

/** Write text only where it changes: an element that stays as it was is not read again. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}
