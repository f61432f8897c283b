// Access to the MIDI ports of the computer. The browser asks the user for it, so it is requested only on a click.

import { emit } from "../core/store.js";

/** @type {MIDIAccess | null} */
let access = null;

export const isConnected = () => access !== null;

/**
 * Request access to MIDI ports.
 * @throws {Error} the browser has no Web MIDI, or access was denied.
 */
export async function connect() {
  if (access) return;
  if (!isSecureContext) throw new Error("Browsers open MIDI ports only for pages on https or on this machine.");
  if (!navigator.requestMIDIAccess) throw new Error("This browser has no Web MIDI. Chrome, Edge, Opera and Firefox have it.");
  try {
    access = await navigator.requestMIDIAccess();
  } catch {
    throw new Error("The browser denied access to MIDI ports. Allow MIDI for this page in its site settings, then connect again.");
  }
  access.onstatechange = () => emit("midi-ports");
  emit("midi-ports");
}

/** @returns {MIDIOutput[]} */
export const outputs = () => [...(access?.outputs.values() ?? [])].filter((port) => port.state !== "disconnected");
/** @returns {MIDIInput[]} */
export const inputs = () => [...(access?.inputs.values() ?? [])].filter((port) => port.state !== "disconnected");
