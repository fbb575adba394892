// What this browser remembers of its person: nothing of it leaves the phone.

const KEY = "cancernet";
const DEFAULTS = {
  language: "en",
  theme: "auto",
  heat: 0.75,
  awake: false,
  operator: "",
  slides: [],
  keep: "", // as the instrument was started
};

let held;

function all() {
  if (held === undefined) {
    try {
      held = { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
    } catch {
      held = { ...DEFAULTS }; // storage is off, or somebody else's: the page works without
    }
  }
  return held;
}

export const preference = (name) => all()[name];

export function prefer(name, value) {
  all()[name] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(held));
  } catch {
    // kept until the page is closed
  }
}
