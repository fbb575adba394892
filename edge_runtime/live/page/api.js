// What the instrument is asked, and how an answer that is none is told: Refused (it said why) or Lost (nobody answered).

export class Refused extends Error {
  constructor(status, reason, message) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export class Lost extends Error {}

const BASE = "/api/v1";
const PATIENCE_MS = 15000;

async function ask(method, path, { body, patience = PATIENCE_MS, signal } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patience);
  signal?.addEventListener("abort", () => stop.abort());
  try {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    const wanted = { method, headers, signal: stop.signal, credentials: "same-origin" };
    if (body !== undefined) wanted.body = JSON.stringify(body);
    const answer = await fetch(BASE + path, wanted);
    if (!answer.ok) throw await refusal(answer);
    if (answer.status === 204) return null;
    const isJson = (answer.headers.get("Content-Type") ?? "").includes("json");
    return await (isJson ? answer.json() : answer.blob());
  } catch (error) {
    throw error instanceof Refused ? error : new Lost(String(error));
  } finally {
    clearTimeout(timer);
  }
}

async function refusal(answer) {
  const { error } = await answer.json().catch(() => ({}));
  if (error?.reason === "login") location.replace("/"); // signed out, or shut out by a new password: the way in again
  return new Refused(answer.status, error?.reason ?? `http_${answer.status}`, error?.message ?? "");
}

const at = (...parts) => parts.map((part) => `/${encodeURIComponent(part)}`).join("");

export const state = () => ask("GET", "/state");
export const newest = (after, wait, signal) =>
  ask("GET", `/views/newest?after=${after}&wait=${wait}`, { patience: 1000 * wait + PATIENCE_MS, signal });
export const picture = (number) => ask("GET", `/frames${at(number)}/picture`);

export const startSession = (slide, operator, keep) => ask("POST", "/session", { body: { slide, operator, keep } });
export const relabel = (slide) => ask("PATCH", "/session", { body: { slide } });
export const stopSession = () => ask("DELETE", "/session");
export const mark = (frame, note) => ask("PUT", `/session/marks${at(frame)}`, { body: { note } });
export const unmark = (frame) => ask("DELETE", `/session/marks${at(frame)}`);

export const sessions = () => ask("GET", "/sessions", { patience: 60000 });
export const session = (id) => ask("GET", `/sessions${at(id)}`, { patience: 60000 });
export const worst = (id, limit) => ask("GET", `/sessions${at(id)}/worst?limit=${limit}`, { patience: 60000 });
export const thumbnailUrl = (id, frame) => `${BASE}/sessions${at(id)}/frames${at(frame)}/thumbnail`;
export const exportUrl = (id, kind) => `${BASE}/sessions${at(id)}/export${at(kind)}`;
/** Have an export made; tells whether it is there. The file itself is left to the browser's own download. */
export async function exportIsMade(id, kind) {
  const stop = new AbortController();
  const answer = await fetch(`${exportUrl(id, kind)}?wait=20`, { signal: stop.signal }).catch((error) => {
    throw new Lost(String(error));
  });
  if (!answer.ok) throw await refusal(answer);
  stop.abort();
  return answer.status === 200;
}
export const deleteSession = (id) => ask("DELETE", `/sessions${at(id)}`, { body: { confirm: id }, patience: 60000 });

export const walk = () => ask("GET", "/calibration");
export const beginWalk = (objective) => ask("POST", "/calibration", { body: { objective } });
export const takeStep = (name, um) => ask("POST", `/calibration/steps${at(name)}`, { body: um === undefined ? {} : { um } });
export const applyWalk = () => ask("POST", "/calibration/apply");
export const cancelWalk = () => ask("DELETE", "/calibration");

export const login = (body) => ask("POST", "/login", { body });
export const logout = () => ask("POST", "/logout");
