// The page begins: each part is wired, the link is read, and without one a groove is there to begin with.

import { LANES, about } from "./api.js";
import * as controls from "./controls.js";
import * as files from "./files.js";
import * as grid from "./grid.js";
import * as hands from "./hands.js";
import * as map from "./map.js";
import * as model from "./model.js";
import { HIT, ACCENT, empty, withCells } from "./pattern.js";
import * as share from "./share.js";
import { load } from "./sounds.js";
import { addTake, byId, on, redo, say, show, state, undo } from "./store.js";
import * as strip from "./strip.js";
import * as transport from "./transport.js";

const FIRST = { kick: [0, 10, 16, 26, 29], snare: [4, 12, 20, 28], closed: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28], open: [30] };

function firstGroove() {
  const cells = Object.entries(FIRST).flatMap(([lane, steps]) =>
    steps.map((step) => [step, LANES.indexOf(lane), lane === "snare" || step % 8 === 0 ? ACCENT : HIT]));
  return withCells(empty(2, { tempo: 96 }), cells);
}

const KEYS = {
  g: model.generate, c: model.goOn, v: model.vary, f: model.fill, m: model.morph, h: model.humanise, b: strip.switchOver, Escape: model.cancel,
  "?": () => byId("keys").showModal(),
};

/** Keys that go for the whole page, where they are not for a field or a button. */
function keyed(event) {
  const { target, key } = event, command = event.ctrlKey || event.metaKey;
  const writes = target.matches("input:not([type=range]):not([type=checkbox]), select, textarea");
  if (command && ["z", "y"].includes(key.toLowerCase()) && !writes && !state.writing) {
    event.preventDefault();
    return key.toLowerCase() === "y" || event.shiftKey ? redo() : undo();
  }
  if (key === "Enter" && target.matches("[type=number]")) return leave(target);
  if (event.defaultPrevented || command || event.altKey || writes || byId("keys").open) return;
  if (event.repeat) return;
  if (key === " " && !target.matches("button, a, summary, input:not([type=range])")) {
    event.preventDefault();
    return transport.playing() ? transport.stop() : transport.play();
  }
  if (key >= "1" && key <= String(LANES.length)) return grid.goToLane(Number(key) - 1);
  KEYS[key.length === 1 ? key.toLowerCase() : key]?.();
}

// What a pointer has pressed or set keeps no focus, so that the keys are the page's again: space plays, G writes.
let pointed = false;
const leave = (field) => field?.blur();
addEventListener("pointerdown", () => (pointed = true), true);
addEventListener("keydown", () => (pointed = false), true);
addEventListener("click", ({ detail, target }) => detail && leave(target.closest("button:not(.spot), summary, [type=checkbox]")));
addEventListener("change", ({ target }) => pointed && target.matches("select, [type=range]") && leave(target));

transport.begin();
grid.begin();
hands.begin(about.limits);
controls.begin();
model.begin();
strip.begin();
files.begin();
on("controls", controls.sliders);
const found = await share.restore();
if (!found) show(firstGroove(), { draft: true });
share.begin();
document.addEventListener("keydown", keyed);
byId("help").addEventListener("click", () => byId("keys").showModal());
byId("version").textContent = `drumtok ${about.version}`;
load(state.kit);
await map.begin().catch((error) => say(error.message, true));
addTake(state.pattern, found ? "from the link" : "to begin with");
document.body.dataset.ready = "true";
