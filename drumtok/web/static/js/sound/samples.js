// Sounds that are dropped on a drum: heard at once, and the model makes one like them.

import { LANES, uploadSound } from "../core/api.js";
import { audition, decode } from "../playback/sounds.js";
import { byId, nameOf, notify, state } from "../core/store.js";
import { placeOf, setSample, setVoice } from "./voices.js";

const LONGEST = 2; // seconds
const LEVEL = 10 ** (-3 / 20); // as drumtok.rendering.mixing has it

export const isSound = (chosen) => /\.(wav|flac|ogg|mp3|aiff?|m4a)$/i.test(chosen.name) || (chosen.type.startsWith("audio/") && !/midi/.test(chosen.type));

/** The drum of a row of the grid that something was dropped on, or the chosen one. */
const laneOf = (target) => {
  const cell = target.closest?.(".row")?.querySelector(".cell");
  return cell ? Number(cell.dataset.lane) : LANES.indexOf(byId("sound-lane").value);
};

/** Play a drum with the sound of a file. */
export async function dropSample(chosen, target) {
  const lane = laneOf(target);
  try {
    const decoded = await decode(await chosen.arrayBuffer()).catch(() => {
      throw new Error("it is not an audio file that this browser can read");
    });
    if (decoded.duration > LONGEST) throw new Error(`it must last at most ${LONGEST} seconds, got ${decoded.duration.toFixed(1)}`);
    const buffer = scaled(decoded);
    byId("sound-lane").value = LANES[lane];
    setSample(lane, buffer, chosen.name);
    audition(lane, 110);
    notify(`${chosen.name} plays the ${nameOf(lane)}`);
  } catch (error) {
    notify(`${chosen.name}: ${error.message}`, true);
  }
}

/** The sound as loud as a rendered pattern has it. */
function scaled(buffer) {
  const made = new AudioBuffer({ length: buffer.length, numberOfChannels: buffer.numberOfChannels, sampleRate: buffer.sampleRate });
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    made.copyToChannel(buffer.getChannelData(channel).map((value) => value * LEVEL), channel);
  }
  return made;
}

/** Make a sound with the model that is like the sample of a drum. */
export async function makeLike(lane) {
  const { sample, name } = state.sounds[lane];
  try {
    const voice = await uploadSound(wavOf(sample));
    await setVoice(lane, voice, await placeOf(voice));
    notify(`The ${nameOf(lane)} is a ${voice.class} like ${name}`);
  } catch (error) {
    notify(error.message, true);
  }
}

/** The bytes of a mono WAV file of 16 bits, at the level of the file that was dropped. */
export function wavOf(buffer) {
  const channels = Array.from({ length: buffer.numberOfChannels }, (_, n) => buffer.getChannelData(n));
  const view = new DataView(new ArrayBuffer(44 + 2 * buffer.length));
  const text = (at, letters) => [...letters].forEach((letter, n) => view.setUint8(at + n, letter.charCodeAt(0)));
  text(0, "RIFF"), view.setUint32(4, 36 + 2 * buffer.length, true), text(8, "WAVEfmt ");
  view.setUint32(16, 16, true), view.setUint16(20, 1, true), view.setUint16(22, 1, true);
  view.setUint32(24, buffer.sampleRate, true), view.setUint32(28, 2 * buffer.sampleRate, true);
  view.setUint16(32, 2, true), view.setUint16(34, 16, true), text(36, "data"), view.setUint32(40, 2 * buffer.length, true);
  for (let n = 0; n < buffer.length; n++) {
    const value = channels.reduce((sum, channel) => sum + channel[n], 0) / channels.length / LEVEL;
    view.setInt16(44 + 2 * n, Math.round(Math.max(-1, Math.min(value, 1)) * 32767), true);
  }
  return view.buffer;
}
