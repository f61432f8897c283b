// The kit: sounds rendered by the server, a channel for each drum, and choke groups.

import { LANES, about, bytes, get } from "../core/api.js";
import { CHANNEL_VOLUME, isAudible, lanesShown, notify, on, state } from "../core/store.js";

const CHOKE = 0.005; // seconds of fading out, as in drumtok.rendering.audio
const kits = new Map(); // name -> promise of {buffers, chokes}; sounds of percussion are there once it is shown
const own = LANES.map(() => null); // the sounds of the page's own, in the place of the kit's: [{top, buffer}, ...]
let context, channels, master, ringing = [];

/** Play a drum with the page's own sounds, the softest first, each up to its velocity; null plays the kit again. */
export const setOwn = (lane, layers) => (own[lane] = layers);
export const layersOf = (lane) => own[lane];
/** Decode an audio file. This needs no user gesture. */
export const decode = (data) => new OfflineAudioContext(2, 1, about.sample_rate).decodeAudioData(data);

/** Load a kit with the sounds of the lanes that are shown. This needs no user gesture, so that playback can start at once. */
export function load(name) {
  if (!kits.has(name)) kits.set(name, get(`kit/${name}`).then((listed) => ({ listed, pending: [], buffers: [], chokes: listed.map(({ choke }) => choke) })));
  return kits.get(name).then(complete).catch((error) => (kits.delete(name), notify(error.message, true)));
}

async function complete(kit) {
  await Promise.all(lanesShown().map((lane) => (kit.pending[lane] ??= fetchSound(kit, lane))));
  return kit;
}

async function fetchSound({ listed, buffers }, lane) {
  buffers[lane] = await decode(await bytes(listed[lane].url.replace("/api/", "")));
}
on("lanes pattern", () => kits.has(state.kit) && load(state.kit));

/** Return the audio context, made at the first user gesture. */
export function audio() {
  if (!context) {
    context = new AudioContext({ latencyHint: "interactive" });
    const limiter = new DynamicsCompressorNode(context, { threshold: -3, knee: 0, ratio: 20, attack: 0.002, release: 0.08 });
    master = new GainNode(context);
    master.connect(limiter).connect(context.destination);
    channels = LANES.map(() => new GainNode(context));
    channels.forEach((channel) => channel.connect(master));
    mix();
  }
  return context;
}

function mix() {
  if (!context) return;
  const now = context.currentTime;
  master.gain.setTargetAtTime((state.volume / about.controls.volume.value) ** 2, now, 0.01);
  channels.forEach((channel, lane) => {
    channel.gain.setTargetAtTime(isAudible(lane) ? (state.mixer[lane].volume / CHANNEL_VOLUME) ** 2 : 0, now, 0.005);
  });
}
on("mixer", mix);

/** Play a drum at a time of the audio clock. */
export function strike({ buffers, chokes }, lane, velocity, time) {
  const buffer = own[lane]?.find(({ top }) => velocity <= top).buffer ?? buffers[lane];
  if (!buffer) return; // a sound of percussion that is being loaded
  const gain = new GainNode(context, { gain: (velocity / 127) ** 2 });
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(gain).connect(channels[lane]);
  ringing = ringing.filter((voice) => voice.ends > context.currentTime);
  for (const voice of ringing) {
    if (chokes[lane] && voice.choke === chokes[lane] && voice.time < time) {
      voice.gain.gain.setValueAtTime(voice.level, time);
      voice.gain.gain.linearRampToValueAtTime(0, time + CHOKE);
      voice.source.stop(time + CHOKE);
    }
  }
  source.start(time);
  ringing.push({ source, gain, level: gain.gain.value, time, choke: chokes[lane], ends: time + buffer.duration });
}

/** Cancel the hits scheduled after a time. */
export function cancelAfter(time) {
  for (const voice of ringing) if (voice.time > time) voice.source.stop(0);
  ringing = ringing.filter((voice) => voice.time <= time);
}

/** Play a drum at once. */
export async function audition(lane, velocity) {
  const kit = await load(state.kit);
  if (kit) strike(kit, lane, velocity, audio().currentTime);
}
