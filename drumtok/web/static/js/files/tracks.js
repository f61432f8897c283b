// The choice of a track of the file that was opened last, in place of the drums that are found in it.

import { get } from "../core/api.js";
import { byId, element } from "../core/store.js";

let open = (/** @type {string} */ _number) => {};

/** List the tracks of a MIDI file where it has several, and call a function with the number of one that is chosen. @param {ArrayBuffer} data @param {(number: string) => void} onChoice */
export async function listTracks(data, onChoice) {
  const [{ tracksOf }, tables] = await Promise.all([import("../midi/read.js"), get("tables")]), tracks = tracksIn(tracksOf, data, tables);
  open = onChoice;
  byId("read-track").closest("label").hidden = tracks.length < 2;
  byId("read-track").replaceChildren(element("option", { value: "", textContent: "found" }), ...tracks.map(({ number, name, channels, notes }) => {
    const where = `channel${channels.length > 1 ? "s" : ""} ${channels.join(", ")}`;
    return element("option", { value: number, textContent: `${number} ${name || "unnamed"}: ${notes} note${notes === 1 ? "" : "s"}, ${where}` });
  }));
}

/** The tracks of a file; none of one that cannot be read, which has an error of its own. */
function tracksIn(tracksOf, data, tables) {
  try {
    return tracksOf(new Uint8Array(data), tables);
  } catch {
    return [];
  }
}

/** Connect the choice. */
export const begin = () => byId("read-track").addEventListener("change", ({ target }) => open(target.value));
