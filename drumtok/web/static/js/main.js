// Start of the page: connect each part, then restore the pattern of the link or show a first groove.

import { LANES, about } from "./core/api.js";
import * as controls from "./model/controls.js";
import * as files from "./files/files.js";
import * as grid from "./grid/grid.js";
import * as hands from "./grid/hands.js";
import * as map from "./map/map.js";
import * as model from "./model/model.js";
import { HIT, ACCENT, empty, withCells } from "./core/pattern.js";
import * as ports from "./ports/panel.js";
import * as share from "./files/share.js";
import * as soundPanel from "./sound/sound_panel.js";
import { load } from "./playback/sounds.js";
import { addTake, byId, on, redo, notify, show, state, undo } from "./core/store.js";
import * as strip from "./takes/strip.js";
import * as transport from "./playback/transport.js";

const FIRST_GROOVE = { kick: [0, 10, 16, 26, 29], snare: [4, 12, 20, 28], closed: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28], open: [30] };

function firstGroove() {
  const cells = Object.entries(FIRST_GROOVE).flatMap(([lane, steps]) =>
    steps.map((step) => [step, LANES.indexOf(lane), lane === "snare" || step % 8 === 0 ? ACCENT : HIT]));
  return withCells(empty(2, { tempo: 96 }), cells);
}

const KEYS = {
  g: model.generate, c: model.continuePattern, v: model.vary, f: model.fill, m: model.morph, h: model.humanise, b: strip.switchTakes, Escape: model.cancel,
  t: () => ports.tapTempo(), "?": () => byId("keys").showModal(),
};

/** Handle the shortcuts of the page, unless the key belongs to a field or a button. */
function keyed(event) {
  const { target, key } = event, command = event.ctrlKey || event.metaKey;
  const isTyping = target.matches("input:not([type=range]):not([type=checkbox]), select, textarea");
  if (command && ["z", "y"].includes(key.toLowerCase()) && !isTyping && !state.generating) {
    event.preventDefault();
    return key.toLowerCase() === "y" || event.shiftKey ? redo() : undo();
  }
  if (key === "Enter" && target.matches("[type=number]")) return blur(target);
  if (event.defaultPrevented || command || event.altKey || isTyping || byId("keys").open) return;
  if (event.repeat) return;
  if (key === " " && !target.matches("button, a, summary, input:not([type=range])")) {
    event.preventDefault();
    return transport.playing() ? transport.stop() : transport.play();
  }
  if (key >= "1" && key <= String(LANES.length)) return grid.goToLane(Number(key) - 1);
  KEYS[key.length === 1 ? key.toLowerCase() : key]?.();
}

// Controls used with a pointer lose the focus, so that the shortcuts work again: space plays, G generates.
let pointed = false;
const blur = (field) => field?.blur();
addEventListener("pointerdown", () => (pointed = true), true);
addEventListener("keydown", () => (pointed = false), true);
addEventListener("click", ({ detail, target }) => detail && blur(target.closest("button:not(.spot), summary, [type=checkbox]")));
addEventListener("change", ({ target }) => pointed && target.matches("select, [type=range]") && blur(target));

transport.begin();
grid.begin();
hands.begin(about.limits);
controls.begin();
model.begin();
strip.begin();
files.begin();
soundPanel.begin();
ports.begin();
on("controls", controls.showValues);
const found = await share.restore();
if (!found) show(firstGroove(), { draft: true });
share.begin();
document.addEventListener("keydown", keyed);
byId("help").addEventListener("click", () => byId("keys").showModal());
byId("version").textContent = `drumtok ${about.version}`;
load(state.kit);
await map.begin().catch((error) => notify(error.message, true));
addTake(state.pattern, found ? "from link" : "first groove");
document.body.dataset.ready = "true";
