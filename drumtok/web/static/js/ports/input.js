// MIDI in: notes of pads and electronic drums, and the clock of another device.

import { emit } from "../core/store.js";
import { inputs } from "./access.js";
import { ClockFollower } from "./follow.js";
import { laneOfNote } from "./maps.js";
import { change, settings } from "./settings.js";

const NOTE_ON = 0x90;
/** The drum that the next note is assigned to, -1 while none is learned. */
export const learning = { lane: -1 };
const clock = new ClockFollower();

/** @param {(lane: number, velocity: number, when: number) => void} onHit @param {import("./follow.js").ClockActions} actions */
export function listen(onHit, actions) {
  for (const port of inputs()) {
    const listens = settings.input === "" || settings.input === port.id;
    port.onmidimessage = listens ? (event) => receive(event, onHit, actions) : null;
  }
}

/** @param {MIDIMessageEvent} event @param {(lane: number, velocity: number, when: number) => void} onHit @param {import("./follow.js").ClockActions} actions */
function receive({ data, timeStamp }, onHit, actions) {
  if (!data?.length) return;
  const [status, note, velocity] = data;
  if (status >= 0xf8) return settings.follow ? clock.receive(status, timeStamp, actions) : undefined;
  if ((status & 0xf0) !== NOTE_ON || !velocity) return;
  if (learning.lane >= 0) return learn(note);
  const lane = laneOfNote(note);
  if (lane >= 0) onHit(lane, velocity, timeStamp);
}

/** Assign a note to the drum that is being learned. @param {number} note */
function learn(note) {
  change("learned", { ...settings.learned, [note]: learning.lane });
  emit("midi-learned");
}
