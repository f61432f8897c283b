// Sounds of the model in the place of a kit's: requested hit by hit, the newest first while a control is dragged.

import { LANES, aboutSounds as about, get, post, shot } from "../core/api.js";
import { audition, setOwn } from "../playback/sounds.js";
import { emit, notify, state } from "../core/store.js";
import { playing } from "../playback/transport.js";

const TOPS = [64, 127]; // velocity layers on the page; a full kit has more
const NEAR = 4; // sounds of the map between which a point lies
const wanted = new Map(); // lane -> the voice to request next
const busy = new Set();
const decays = new WeakMap(); // voice -> its decay in seconds, once it was heard
const maps = new Map(); // class -> promise of its map

/** The map of a class: sounds with their places, similar ones close together. */
export function mapOf(soundClass) {
  if (!maps.has(soundClass)) maps.set(soundClass, get(`sound/map/${soundClass}`).catch((error) => (maps.delete(soundClass), notify(error.message, true), [])));
  return maps.get(soundClass);
}

/** The decay of a voice in seconds, null if it is its own and was not heard yet. */
export const decayOf = (voice) => decays.get(voice) ?? voice.controls.decay_seconds ?? null;

/** Controls with another value; the seconds of a decay replace the factor that sounds of drumtok 0.13.0 have. */
export function withControl({ decay, ...controls }, name, value) {
  return { ...controls, ...(decay !== undefined && name !== "decay_seconds" && { decay }), [name]: value };
}

export const neutral = () => Object.fromEntries(Object.entries(about.controls).map(([name, { value }]) => [name, value]));

/** The latent at a point of a map: that of the nearest sounds, the nearer the more of it. */
export function latentAt(spots, { x, y }) {
  const near = spots.map((spot) => [spot, (spot.x - x) ** 2 + (spot.y - y) ** 2]).sort((p, q) => p[1] - q[1]).slice(0, NEAR);
  const weights = near.map(([, distance]) => 1 / (distance + 1e-4)), sum = weights.reduce((a, b) => a + b, 0);
  return near[0][0].latent.map((_, n) => near.reduce((total, [spot], k) => total + (spot.latent[n] * weights[k]) / sum, 0));
}

/** The place of a voice on its map: that of the most similar sound there. */
export async function placeOf(voice) {
  const far = ({ latent }) => latent.reduce((sum, value, n) => sum + (value - voice.latent[n]) ** 2, 0);
  const spots = await mapOf(voice.class);
  const [best] = [...spots].sort((p, q) => far(p) - far(q));
  return best ? { x: best.x, y: best.y } : { x: 0.5, y: 0.5 };
}

const rounded = (voice) => ({ ...voice, latent: voice.latent.map((value) => Math.round(value * 1e4) / 1e4) });

/** Play a drum with a voice, which is heard as soon as it is made, unless the pattern plays. */
export function setVoice(lane, voice, place, { heard = true } = {}) {
  const sound = { voice: rounded(voice), place };
  state.sounds[lane] = sound;
  wanted.set(lane, { voice: sound.voice, heard });
  emit("sounds");
  return refresh(lane);
}

/** Play the drums with the voices of a kit, piece -> voice, except those that keep their sound; return how many. */
export async function useKit(voices) {
  const own = LANES.map((name, lane) => ({ lane, voice: voices[name] })).filter(({ lane, voice }) => voice && !state.kept.has(lane));
  await Promise.all(own.map(async ({ lane, voice }) => setVoice(lane, voice, await placeOf(voice), { heard: false })));
  return own.length;
}

/** Play a drum with the sound of the kit again. */
export function clearSound(lane) {
  state.sounds[lane] = null;
  wanted.delete(lane);
  setOwn(lane, null);
  emit("sounds");
}

/** Play the drums with the sounds of a list, as `state.sounds` has them; only those that differ are made again. */
export function restoreSounds(sounds) {
  sounds.forEach((sound, lane) => {
    if (sound === state.sounds[lane]) return;
    if (sound?.sample) setSample(lane, sound.sample, sound.name);
    else if (!sound) clearSound(lane);
    state.sounds[lane] = sound;
    if (!sound?.voice) return;
    wanted.set(lane, { voice: sound.voice, heard: false });
    refresh(lane);
  });
  emit("sounds");
}

/** Play a drum with a sound of the user. */
export function setSample(lane, sample, name) {
  state.sounds[lane] = { sample, name };
  wanted.delete(lane);
  setOwn(lane, [{ top: 127, buffer: sample }]);
  emit("sounds");
}

async function hit(lane, voice, velocity) {
  const { channels, rate } = await shot({ piece: LANES[lane], voice, velocity });
  const buffer = new AudioBuffer({ numberOfChannels: channels.length, length: channels[0].length, sampleRate: rate });
  channels.forEach((channel, n) => buffer.copyToChannel(channel, n));
  return buffer;
}

async function refresh(lane) {
  if (busy.has(lane)) return;
  busy.add(lane);
  try {
    while (wanted.has(lane)) {
      const { voice, heard } = wanted.get(lane);
      wanted.delete(lane);
      const loud = await hit(lane, voice, 127);
      if (!state.sounds[lane]?.voice) continue;
      setOwn(lane, [{ top: 127, buffer: loud }]);
      if (heard && !playing()) audition(lane, 110);
      if (wanted.has(lane)) continue; // the decay and softer layers once the control rests
      decays.set(voice, (await post("sound/decay", voice)).seconds);
      emit("decay");
      const soft = await hit(lane, voice, TOPS[0]);
      if (state.sounds[lane]?.voice === voice) setOwn(lane, [{ top: TOPS[0], buffer: soft }, { top: 127, buffer: loud }]);
    }
  } catch (error) {
    notify(error.message, true);
  } finally {
    busy.delete(lane);
  }
}

/** The kit of a seed: piece -> voice. */
export const kitOf = async (seed, style) => (await get(`sound/kit?seed=${seed}&style=${encodeURIComponent(style)}`)).voices;
