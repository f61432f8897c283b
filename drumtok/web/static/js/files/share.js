// The link: the patterns and settings of the page, compressed into the fragment of the address.

import { about } from "../core/api.js";
import { forget } from "../core/history.js";
import { fromStored, toStored } from "../core/pattern.js";
import { apply, capture, listOf } from "../core/session.js";
import { byId, on, notify, show, state, emit, writtenBy } from "../core/store.js";
import { restoreSounds } from "../sound/voices.js";

const VERSION = "1", DAMAGED = "it is damaged or incomplete";
const CHANGES = "pattern locks mixer kit controls sounds lanes slots";
let timer;

async function through(bytes, stream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

/** Why something stored cannot be read: errors of JavaScript itself mean that it is damaged. @param {Error} error */
export const reasonOf = (error) => (error.constructor === Error ? error.message : DAMAGED);

/** Return the patterns and settings as plain data. */
export function content() {
  const others = state.slots.flatMap((pattern, slot) => (pattern && slot !== state.slot ? [[slot, toStored(pattern)]] : []));
  return {
    ...toStored(state.pattern), ...capture(), slot: state.slot, ...(others.length && { slots: others }),
    sounds: state.sounds.flatMap((sound, lane) => (sound?.voice ? [[lane, sound.voice, sound.place]] : [])), made: writtenBy.get(state.pattern),
  };
}

/** Show the patterns and settings of plain data; @throws {Error} a pattern is invalid */
export function applyContent(found) {
  const pattern = fromStored(found), slots = state.slots.map(() => null);
  for (const [slot, stored] of listOf(found.slots)) if (slot in slots) slots[slot] = fromStored(stored);
  Object.assign(state, { slots, slot: found.slot in slots ? found.slot : 0, song: false });
  if (found.made?.stamp === about.stamp) writtenBy.set(pattern, found.made);
  show(pattern);
  apply(found);
  restoreSounds(state.sounds.map((_, lane) => {
    const [, voice, place] = listOf(found.sounds).find(([of]) => of === lane) ?? [];
    return voice ? { voice, place } : null;
  }));
}

/** Return the state as text for a fragment. */
export async function packed() {
  const bytes = await through(new TextEncoder().encode(JSON.stringify(content())), new CompressionStream("deflate-raw"));
  return VERSION + btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), "")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function unpacked(text) {
  if (text[0] !== VERSION) throw new Error("it is from another version of drumtok");
  try {
    const bytes = Uint8Array.from(atob(text.slice(1).replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw"))));
  } catch {
    throw new Error(DAMAGED);
  }
}

async function updateAddress() {
  history.replaceState(null, "", `#${await packed()}`);
  emit("address");
}

/** Restore the state in the address; return whether there is one. */
export async function restore() {
  const text = location.hash.slice(1);
  if (!text) return false;
  try {
    applyContent(await unpacked(text));
    return true;
  } catch (error) {
    notify(`Cannot read the link: ${reasonOf(error)}`, true);
    return false;
  }
}

/** Keep the address up to date, and connect the button. */
export function begin() {
  on(CHANGES, () => {
    clearTimeout(timer);
    timer = setTimeout(() => state.generating || updateAddress(), 300);
  });
  on("takes", () => (clearTimeout(timer), (timer = setTimeout(updateAddress, 300))));
  addEventListener("hashchange", () => restore().then((found) => found && forget()));
  byId("share").addEventListener("click", async () => {
    await updateAddress();
    try {
      await navigator.clipboard.writeText(location.href);
      notify("Link copied. It contains all slots and settings.");
    } catch {
      notify("Copy the address of this page. It contains all slots and settings.");
    }
  });
}
