// The sound panel: for the chosen drum a map of sounds and its controls; kits by seed, some of whose drums keep their sound.

import { DRUMS, LANES, aboutSounds as about } from "../core/api.js";
import { downloader } from "../files/files.js";
import { kitZip, patternSound } from "./kit_files.js";
import { makeLike } from "./samples.js";
import { byId, element, emit, notify, on, state, toggle } from "../core/store.js";
import { clearSound, decayOf, kitOf, latentAt, mapOf, neutral, setVoice, useKit, withControl } from "./voices.js";

const STEP = 0.04; // of the map, for an arrow key
const map = byId("sound-map"), puck = byId("puck"), lanes = byId("sound-lane"), classes = byId("sound-class");
let shown = ""; // the class whose map is drawn
let dragging = false;

const lane = () => LANES.indexOf(lanes.value);
const sound = () => state.sounds[lane()];
const percent = (value) => `${4 + 92 * value}%`;

/** Play the chosen drum with the sound at a point of its map. */
async function moveTo(place) {
  const at = lane(), soundClass = classes.value, spots = await mapOf(soundClass);
  if (spots.length) setVoice(at, { class: soundClass, latent: latentAt(spots, place), controls: sound()?.voice?.controls ?? neutral() }, place);
}

function placeUnder(event) {
  const box = map.getBoundingClientRect(), inMap = (value) => Math.max(0, Math.min((value - 0.04) / 0.92, 1));
  return { x: inMap((event.clientX - box.left) / box.width), y: inMap(1 - (event.clientY - box.top) / box.height) };
}

function keyed(event) {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (!way) return;
  event.preventDefault();
  const { x, y } = sound()?.place ?? { x: 0.5, y: 0.5 }, inMap = (value) => Math.max(0, Math.min(value, 1));
  moveTo({ x: inMap(x + STEP * way[0]), y: inMap(y + STEP * way[1]) });
}

async function draw() {
  const { voice, place, name } = sound() ?? {};
  classes.value = voice?.class ?? about.pieces[lanes.value];
  puck.hidden = !voice;
  if (place) Object.assign(puck.style, { left: percent(place.x), top: percent(1 - place.y) });
  for (const field of byId("sound-controls").querySelectorAll("input")) drawControl(field, voice);
  byId("make-like").hidden = !name;
  byId("kit-sound").disabled = !sound();
  byId("keep-sound").setAttribute("aria-pressed", state.kept.has(lane()));
  byId("sound-name").textContent = name ?? (voice ? `${voice.class} of the model` : `of kit ${state.kit}`);
  if (shown === classes.value) return;
  shown = classes.value;
  const spots = await mapOf(shown);
  if (shown !== classes.value) return;
  map.querySelectorAll(".sound-spot").forEach((spot) => spot.remove());
  map.prepend(...spots.map(({ x, y }) => {
    const spot = element("span", { className: "sound-spot" });
    Object.assign(spot.style, { left: percent(x), top: percent(1 - y) });
    return spot;
  }));
}

// A slider whose values are all above 0 is logarithmic.
const isLogarithmic = ({ min }) => min > 0;

/** Show the value of a control; the decay is that of the sound, which is known once it is heard. */
function drawControl(field, voice) {
  const name = field.dataset.control, own = about.controls[name], value = !voice ? own.value : name === "decay_seconds" ? decayOf(voice) : voice.controls[name];
  if (voice && value === null) return; // not known yet
  const text = value === null ? "" : `${value.toFixed(isLogarithmic(own) && value < 0.1 ? 3 : 2)}${own.unit && ` ${own.unit}`}`;
  if (value !== null) field.value = isLogarithmic(own) ? Math.log(value) : value;
  field.nextElementSibling.textContent = text;
  field.setAttribute("aria-valuetext", text);
}

/** Set a control to a value, or to the one of its slider. */
async function control(field, value = sliderValue(field)) {
  const at = lane();
  if (!sound()?.voice) await moveTo({ x: 0.5, y: 0.5 });
  const { voice, place } = state.sounds[at];
  setVoice(at, { ...voice, controls: withControl(voice.controls, field.dataset.control, value) }, place);
}

function sliderValue(field) {
  const { [field.dataset.control]: own } = about.controls;
  return isLogarithmic(own) ? Math.min(Math.max(Number(Math.exp(field.value).toPrecision(3)), own.min), own.max) : Number(field.value);
}

/** Make the kit of the seed; drums that keep their sound stay. */
async function newKit(seed) {
  byId("kit-seed").value = seed;
  try {
    await useKit(await kitOf(seed, byId("kit-style").value));
    notify(`Kit ${seed}`);
  } catch (error) {
    notify(error.message, true);
  }
}

function chooseLane() {
  classes.value = sound()?.voice?.class ?? about.pieces[lanes.value];
  draw();
}

function fill() {
  const option = (value, text = value) => element("option", { value, textContent: text });
  lanes.append(...DRUMS.filter((drum) => drum.lane in about.pieces).map((drum) => option(drum.lane, drum.name)));
  classes.append(...about.classes.map((name) => option(name)));
  byId("kit-style").append(...about.characters.map((name) => option(name)));
  byId("sound-controls").append(...Object.entries(about.controls).map(([name, own]) => {
    const { min, max, step, value, help, label } = own, [low, high] = [min, max].map(isLogarithmic(own) ? Math.log : Number);
    const field = element("input", { type: "range", min: low, max: high, step: isLogarithmic(own) ? (high - low) / 200 : step, value: value ?? (low + high) / 2 });
    field.dataset.control = name;
    field.addEventListener("input", () => control(field));
    field.addEventListener("dblclick", () => control(field, value));
    return element("label", { className: "slide", title: `${help} A double click resets it.` }, label, field, element("output"));
  }));
}

/** Fill the panel and connect it. */
export function begin() {
  fill();
  byId("kit-seed").value = Math.floor(Math.random() * 2 ** 31);
  lanes.addEventListener("change", chooseLane);
  classes.addEventListener("change", () => moveTo(sound()?.place ?? { x: 0.5, y: 0.5 }));
  map.addEventListener("keydown", keyed);
  map.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    map.setPointerCapture(event.pointerId);
    dragging = true;
    moveTo(placeUnder(event));
  });
  map.addEventListener("pointermove", (event) => dragging && moveTo(placeUnder(event)));
  for (const end of ["pointerup", "pointercancel"]) map.addEventListener(end, () => (dragging = false));
  byId("new-kit").addEventListener("click", () => newKit(Math.floor(Math.random() * 2 ** 31)));
  byId("kit-seed").addEventListener("change", ({ target }) => newKit(Math.max(0, Math.floor(Number(target.value)))));
  byId("kit-style").addEventListener("change", () => newKit(Number(byId("kit-seed").value)));
  byId("keep-sound").addEventListener("click", () => (toggle(state.kept, lane()), emit("sounds")));
  byId("kit-sound").addEventListener("click", () => clearSound(lane()));
  byId("make-like").addEventListener("click", () => makeLike(lane()));
  byId("kit-zip").addEventListener("click", downloader(kitZip, "zip"));
  byId("stems").addEventListener("click", downloader(() => patternSound(true), "zip"));
  on("sounds kit decay", draw);
  chooseLane();
}
