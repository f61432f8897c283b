// The MIDI panel: ports, clock, pads, recording and tapping.

import { DRUMS, LANES, about } from "../core/api.js";
import { follow } from "../core/history.js";
import { byId, clampedTempo, element, notify, on, state } from "../core/store.js";
import * as transport from "../playback/transport.js";
import * as access from "./access.js";
import { learning, listen } from "./input.js";
import { loadMaps } from "./maps.js";
import { sendStep, silence } from "./output.js";
import { followStep, played, recent, record, recording, stopRecording } from "./record.js";
import { change, settings } from "./settings.js";
import { beginTaps, tapTempo, tapped, tapping } from "./tap.js";

/** @typedef {ReturnType<typeof import("../core/pattern.js").empty>} Pattern */
/** @typedef {{pattern: Pattern, step: number, time: number, quarter: number, hits: {lane: number, velocity: number, late: number}[]}} Step */

const NO_OUTPUT = [["", "none"]], NO_INPUT = [["", "all"], ["none", "none"]];
const TAP_KEYS = { d: "kick", j: "snare" }, TAP_VELOCITY = 100;

/** @param {string} name @returns {any} */
const field = (name) => byId(`midi-${name}`);
/** @param {string} id @param {string} text @param {string} title */
const button = (id, text, title) => element("button", { id, textContent: text, title });
/** @param {string} text @param {HTMLElement} field */
const labelled = (text, field, className = "pick") => element("label", { className }, text, field);
/** @param {string[][]} options value and text of each */
const choice = (options, properties = {}) =>
  element("select", properties, ...options.map(([value, textContent]) => element("option", { value, textContent })));
/** @param {number} from @param {number} to @param {(value: number) => string} text */
const range = (from, to, text) => Array.from({ length: to - from + 1 }, (_, n) => [String(from + n), text(from + n)]);
const names = (/** @type {string[]} */ list) => list.map((name) => [name, name]);

/** @typedef {keyof typeof import("./settings.js").DEFAULTS} Setting */
/** A control of a setting: shows it, and changes it. @param {Setting} name @param {any} made */
function bound(name, made) {
  const what = made.type === "checkbox" ? "checked" : "value", isNumber = typeof settings[name] === "number";
  made.id = `midi-${name}`;
  const shows = () => (made[what] = settings[name]);
  shows();
  on("midi-settings", shows);
  made.addEventListener("change", () => change(name, isNumber ? Number(made.value) : made[what]));
  return made;
}
/** @param {Setting} name @param {string} text */
const check = (name, text) => element("label", { className: "check" }, bound(name, element("input", { type: "checkbox" })), text);

function outGroup() {
  return element("fieldset", {}, element("legend", { textContent: "Out" }),
    labelled("Port", bound("output", choice(NO_OUTPUT))),
    labelled("Channel", bound("channel", choice(range(1, 16, String)))),
    labelled("Note map", bound("map", choice(names(about.written_maps)))),
    labelled("Delay, ms", bound("latency", element("input", { type: "number", min: -200, max: 200, step: 1, title: "Sends everything later, or earlier if negative" }))),
    check("clock", "Send clock, start and stop"));
}

function inGroup() {
  return element("fieldset", {}, element("legend", { textContent: "In" }),
    labelled("Port", bound("input", choice(NO_INPUT))),
    labelled("Note map", bound("inputMap", choice(names(about.note_maps)))),
    labelled("Pad for", choice(DRUMS.map(({ name }, lane) => [String(lane), name]), { id: "midi-drum" })),
    element("div", { className: "pair-of-buttons" }, button("midi-learn", "Learn", "Assign the next pad that you hit to this drum"),
      button("midi-forget", "Forget", "Forget all pads that were learned")),
    check("follow", "Follow the clock of the input"));
}

function recordGroup() {
  return element("fieldset", {}, element("legend", { textContent: "Record" }),
    labelled("Count-in", bound("countIn", choice(range(0, 2, (bars) => (bars === 1 ? "1 bar" : `${bars} bars`))))),
    check("quantise", "Quantise"),
    button("midi-record", "Record", "Record pads into the pattern while it plays"));
}

function tapGroup() {
  return element("fieldset", {}, element("legend", { textContent: "Tap" }),
    button("tap-tempo", "Tap tempo", "Tap the beat (T)"),
    button("tap-rhythm", "Tap a rhythm", "Tap kick and snare; the model writes the other drums around them"),
    button("tap-part", "Tap a part to follow", "Tap a bass line or a riff; the model writes drums whose kicks meet it"),
    element("div", { className: "taps", id: "tap-pads", hidden: true }, ...Object.entries(TAP_KEYS).map(([key, lane]) => {
      const pad = button(`tap-${lane}`, DRUMS[LANES.indexOf(lane)].name, `Tap (${key.toUpperCase()})`);
      pad.addEventListener("pointerdown", ({ timeStamp }) => tapped(LANES.indexOf(lane), TAP_VELOCITY, timeStamp));
      return pad;
    })));
}

function build() {
  const connect = button("midi-connect", "Connect MIDI", "Ask the browser for access to the MIDI ports of this computer");
  const ports = element("div", { className: "port-groups" }, outGroup(), inGroup(), recordGroup(), tapGroup());
  return element("section", { className: "ports panel", id: "ports", "aria-labelledby": "ports-title" },
    element("div", { className: "bar-row" }, element("h2", { id: "ports-title", textContent: "MIDI ports" }), connect,
      element("span", { id: "midi-state", className: "quiet", textContent: "not connected" })), ports);
}

/** List ports to choose from; one that was chosen and is gone stays chosen. @param {"output" | "input"} name @param {MIDIPort[]} ports */
function listPorts(name, ports) {
  const chosen = settings[name], fixed = name === "output" ? NO_OUTPUT : NO_INPUT;
  const options = [...fixed, ...ports.map((port) => [port.id, port.name || port.id])];
  if (!options.some(([value]) => value === chosen)) options.push([chosen, "not connected"]);
  field(name).replaceChildren(...choice(options).childNodes);
  field(name).value = chosen;
}

function showPorts() {
  byId("midi-connect").hidden = access.isConnected();
  listPorts("output", access.outputs());
  listPorts("input", access.inputs());
  if (access.isConnected()) byId("midi-state").textContent = `${access.outputs().length} out, ${access.inputs().length} in`;
  listenToPorts();
}

function listenToPorts() {
  listen((lane, velocity, when) => (tapping() ? tapped : played)(lane, velocity, when), {
    onTempo: (tempo) => follow({ ...state.pattern, tempo: clampedTempo(tempo) }),
    onStart: () => transport.play(),
    onStop: () => transport.stop(),
  });
}

async function connect() {
  try {
    await loadMaps();
    await access.connect();
  } catch (error) {
    notify(/** @type {Error} */ (error).message, true);
  }
}

function toggleLearning() {
  learning.lane = learning.lane < 0 ? Number(field("drum").value) : -1;
  showLearning();
}

function showLearning() {
  byId("midi-learn").setAttribute("aria-pressed", String(learning.lane >= 0));
  if (learning.lane >= 0) notify(`Hit the pad for the ${DRUMS[learning.lane].name}`);
}

/** After a pad was learned, learn that of the next drum, up to the last. */
function learnNext() {
  notify("");
  learning.lane = learning.lane + 1 < DRUMS.length ? learning.lane + 1 : -1;
  if (learning.lane >= 0) field("drum").value = learning.lane;
  showLearning();
}

function connectControls() {
  byId("midi-connect").addEventListener("click", connect);
  byId("midi-learn").addEventListener("click", toggleLearning);
  byId("midi-forget").addEventListener("click", () => (change("learned", {}), notify("All learned pads are forgotten")));
  byId("midi-record").addEventListener("click", () => (recording() ? stopRecording() : record()));
  byId("tap-tempo").addEventListener("click", ({ timeStamp }) => tapTempo(timeStamp));
  for (const what of /** @type {const} */ (["rhythm", "part"])) byId(`tap-${what}`).addEventListener("click", () => beginTaps(what));
  addEventListener("keydown", keyed);
  addEventListener("pagehide", silence);
}

/** Tap with the keys while a rhythm is tapped, before the shortcuts of the page see them. @param {KeyboardEvent} event */
function keyed(event) {
  const lane = LANES.indexOf(TAP_KEYS[/** @type {"d" | "j"} */ (event.key.toLowerCase())]);
  if (!tapping() || lane < 0 || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  tapped(lane, TAP_VELOCITY, event.timeStamp);
}

/** Build the panel and connect it. No access is requested before the button is pressed. */
export function begin() {
  document.querySelector("main")?.append(build());
  connectControls();
  transport.stepListeners.add((scheduled) => (sendStep(scheduled), followStep(scheduled)));
  on("playing", () => {
    if (transport.playing()) return;
    silence();
    recent.clear();
    stopRecording({ stops: false });
  });
  on("midi-ports", showPorts);
  on("midi-settings", listenToPorts);
  on("midi-learned", learnNext);
  on("midi-record", () => {
    byId("midi-record").setAttribute("aria-pressed", String(recording()));
    byId("midi-record").textContent = recording() ? "Stop recording" : "Record";
  });
  on("midi-tap", () => {
    for (const what of ["rhythm", "part"]) byId(`tap-${what}`).setAttribute("aria-pressed", String(tapping() === what));
    byId("tap-pads").hidden = !tapping();
  });
}

export { tapTempo };
