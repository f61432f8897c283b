// Sounds that are dropped on a drum: heard at once, and the model makes one like them.

import { LANES, uploadSound } from "../core/api.js";
import { readWav, wavBytes } from "../files/wav.js";
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

/** The sound as loud as a rendered pattern has it: one channel plays on both sides with half the power each. */
function scaled(buffer) {
  const channels = channelsOf(buffer, LEVEL), made = new AudioBuffer({ length: buffer.length, numberOfChannels: 2, sampleRate: buffer.sampleRate });
  const isMono = channels.length === 1;
  for (const side of [0, 1]) made.copyToChannel(isMono ? channels[0].map((value) => value * Math.SQRT1_2) : channels[side], side);
  return made;
}

/** Make a sound with the model that is like the sample of a drum. */
export async function makeLike(lane) {
  const { sample, name } = state.sounds[lane];
  notify(`Making a sound like ${name}…`);
  try {
    const voice = await uploadSound(wavOf(sample));
    await setVoice(lane, voice, await placeOf(voice));
    notify(`The ${nameOf(lane)} is a ${voice.class} like ${name}`);
  } catch (error) {
    notify(error.message, true);
  }
}

/** The channels of a sound, two at most, with a gain. */
const channelsOf = (buffer, gain) =>
  Array.from({ length: Math.min(buffer.numberOfChannels, 2) }, (_, n) => buffer.getChannelData(n).map((value) => value * gain));

/** The bytes of a WAV file at the level of the file that was dropped. */
export const wavOf = (buffer) => wavBytes(channelsOf(buffer, 1 / LEVEL), buffer.sampleRate);

const texts = new WeakMap(); // AudioBuffer -> its text, as projects are saved often

/** A sample as text: a WAV file in base64. @param {AudioBuffer} sample */
export function sampleText(sample) {
  if (!texts.has(sample)) texts.set(sample, btoa(Array.from(new Uint8Array(wavOf(sample)), (byte) => String.fromCharCode(byte)).join("")));
  return texts.get(sample);
}

/** The sample of a text. @param {string} text @throws {Error} it is not one */
export function sampleOf(text) {
  const { channels, rate } = readWav(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer), [{ length }] = channels;
  if (length > LONGEST * rate) throw new Error(`a sound in it lasts longer than ${LONGEST} seconds`);
  const buffer = new AudioBuffer({ length, numberOfChannels: channels.length, sampleRate: rate });
  channels.forEach((channel, n) => buffer.copyToChannel(/** @type {Float32Array<ArrayBuffer>} */ (channel), n));
  return scaled(buffer);
}
