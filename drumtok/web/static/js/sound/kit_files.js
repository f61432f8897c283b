// Downloads of sound: the pattern, its stems, and the kit for samplers.

import { LANES, file } from "../core/api.js";
import { exported } from "../files/exports.js";
import { wavOf } from "./samples.js";
import { byId, state } from "../core/store.js";
import { kitOf } from "./voices.js";

const base64 = (data) => btoa(Array.from(new Uint8Array(data), (byte) => String.fromCharCode(byte)).join(""));
const byLane = (pick) => Object.fromEntries(state.sounds.flatMap((sound, lane) => (sound && pick(sound) ? [[LANES[lane], pick(sound)]] : [])));

/** The sounds of the page's own, as the API takes them. */
const ownSounds = () => ({ voices: byLane(({ voice }) => voice), samples: byLane(({ sample }) => sample && base64(wavOf(sample))) });

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
