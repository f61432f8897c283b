// Client of the server's API: requests with one response, and responses that are streamed bar by bar.

import { readWav } from "../files/wav.js";
import { eventParser } from "./events.js";
import { session } from "./storage.js";

const fragmentToken = new URLSearchParams(location.hash.slice(1)).get("token");
if (fragmentToken) {
  session.setItem("token", fragmentToken);
  history.replaceState(null, "", location.pathname); // so that a shared link does not contain the token
}
const token = session.getItem("token");

/** Rethrow a network error with a message for the user. @param {Error} error @returns {never} */
function unreachable(error) {
  throw error.name === "AbortError" ? error : new Error("Cannot reach the server. Is drumtok serve still running?");
}

async function request(path, options = {}) {
  const headers = { ...options.headers, ...(token && { Authorization: `Bearer ${token}` }) };
  const response = await fetch(`/api/${path}`, { ...options, headers }).catch(unreachable);
  if (response.ok) return response;
  const detail = await response.json().then((body) => body.detail, () => response.statusText);
  throw new Error(response.status === 401 ? "Token missing or wrong. Open the address that drumtok serve printed." : detail);
}

const postOptions = (body, accept = "*/*") => ({
  method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", Accept: accept },
});

export const get = async (path) => (await request(path)).json();
export const bytes = async (path) => (await request(path)).arrayBuffer();
export const post = async (path, body, signal) => (await request(path, { ...postOptions(body), signal })).json();
/** Announce the next likely request; failures do not matter. */
export const prepare = (body) => request("prepare", postOptions(body)).catch(() => {});
export const file = async (path, body) => (await request(path, postOptions(body))).blob();
/** Return the channels and the rate of a hit. */
export const shot = async (body) => readWav(await (await request("sound/shot", postOptions(body))).arrayBuffer());
export const upload = async (data, { noteMap, channel, track }) =>
  (await request(`midi/read?${new URLSearchParams({ note_map: noteMap, ...(channel && { channel }), ...(track && { track }) })}`, { method: "POST", body: data, headers: { "Content-Type": "audio/midi" } })).json();

export const uploadSound = async (data) =>
  (await request("sound/like", { method: "POST", body: data, headers: { "Content-Type": "audio/wav" } })).json();

/** Post a request whose response is an event stream; call `onBar` with each bar, and return the whole result. */
export async function stream(path, body, onBar, signal) {
  const response = await request(path, { ...postOptions(body, "text/event-stream"), signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parse = eventParser();
  for (;;) {
    const { value, done } = await reader.read().catch(unreachable);
    if (done) throw new Error("The connection was interrupted");
    for (const { name, data } of parse(value)) {
      const message = JSON.parse(data);
      if (name === "done") return message;
      if (name === "error") throw new Error(message.detail);
      if (name === "bar") onBar(message.bar, message.pattern);
    }
  }
}
