// Files of sounds: the pattern, its stems, and the kit for samplers, whose description is read again.

import { LANES, aboutSounds, file } from "../core/api.js";
import { exported } from "../files/exports.js";
import { sampleText } from "./samples.js";
import { byId, notify, state } from "../core/store.js";
import { kitOf, mapOf, useKit } from "./voices.js";

const byLane = (pick) => Object.fromEntries(state.sounds.flatMap((sound, lane) => (sound && pick(sound) ? [[LANES[lane], pick(sound)]] : [])));

/** The sounds of the page's own, as the API takes them. */
const ownSounds = () => ({ voices: byLane(({ voice }) => voice), samples: byLane(({ sample }) => sample && sampleText(sample)) });

/** The pattern as a WAV file, or as a zip of one for each drum. */
export function patternSound(stems = false) {
  const body = { ...exported({ muted: false }).body, kit: state.kit };
  return !stems && !state.sounds.some(Boolean) ? file("wav", body) : file("sound/pattern", { ...body, ...ownSounds(), stems });
}

/** The kit as a zip: the sounds of the model on the page, and for other pieces those of the kit's seed. */
export async function kitZip() {
  const style = byId("kit-style").value, voices = await kitOf(Number(byId("kit-seed").value), style);
  return file("sound/kit.zip", { name: `drumtok kit ${byId("kit-seed").value}`, style, voices: { ...voices, ...byLane(({ voice }) => voice) } });
}

/** A value within a range; null stays null. */
const bounded = (value, min, max) => value === null ? null : Math.max(min, Math.min(Number(value) || 0, max));

/** A voice of a kit with controls within their ranges. @throws {Error} the model of the page has no such sound */
async function checked({ class: soundClass, latent, controls, detail }) {
  const known = aboutSounds.classes.includes(soundClass) ? await mapOf(soundClass) : [], isPlace = latent.length === known[0]?.latent.length && latent.every(Number.isFinite);
  if (!isPlace) throw new Error("it is not a kit of this version of drumtok");
  const within = ([name, { min, max, value }]) => [name, bounded(controls?.[name] ?? value, min, max)];
  const length = bounded(controls?.decay ?? null, ...aboutSounds.formerDecay); // of a kit of drumtok 0.13.0: a factor
  const own = Object.fromEntries(Object.entries(aboutSounds.controls).map(within));
  return { class: soundClass, latent, controls: { ...own, ...(length && { decay: length }) }, ...(detail && { detail }) };
}

/** Play the drums with the sounds of a kit, described as in kit.json of its folder. @param {any} description @param {string} name of the file */
export async function openKit({ pieces }, name) {
  const own = Object.entries(pieces).filter(([, { voice }]) => voice);
  const voices = Object.fromEntries(await Promise.all(own.map(async ([piece, { voice }]) => [piece, await checked(voice)])));
  notify(`${name}: ${await useKit(voices)} drums`);
}
