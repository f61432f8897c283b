// Start of the page: connect each part, then show the pattern of the link, of the last visit, or a first groove.

import { LANES, about } from "./core/api.js";
import * as history from "./core/history.js";
import { ACCENT, HIT, empty, withCells } from "./core/pattern.js";
import { addTake, byId, notify, on, show, state } from "./core/store.js";
import * as files from "./files/files.js";
import * as projects from "./files/projects.js";
import * as share from "./files/share.js";
import * as find from "./find/panel.js";
import * as grid from "./grid/grid.js";
import * as hands from "./grid/hands.js";
import * as inspector from "./grid/inspector.js";
import * as keys from "./grid/keys.js";
import * as menus from "./grid/menus.js";
import * as shortcuts from "./guide/shortcuts.js";
import * as theme from "./guide/theme.js";
import * as tour from "./guide/tour.js";
import * as grooves from "./map/grooves.js";
import * as map from "./map/map.js";
import * as controls from "./model/controls.js";
import * as model from "./model/model.js";
import { load } from "./playback/sounds.js";
import * as transport from "./playback/transport.js";
import * as ports from "./ports/panel.js";
import * as soundPanel from "./sound/sound_panel.js";
import * as slots from "./takes/slots.js";
import * as strip from "./takes/strip.js";

const FIRST_GROOVE = { kick: [0, 10, 16, 26, 29], snare: [4, 12, 20, 28], closed: [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28], open: [30] };

function firstGroove() {
  const cells = Object.entries(FIRST_GROOVE).flatMap(([lane, steps]) =>
    steps.map((step) => [step, LANES.indexOf(lane), lane === "snare" || step % 8 === 0 ? ACCENT : HIT]));
  return withCells(empty(2, { tempo: 96 }), cells);
}

theme.begin();
for (const part of [transport, grid, hands, menus, inspector, controls, model, slots, strip, files, find, soundPanel, ports]) part.begin();
keys.begin(about.limits);
on("controls", controls.showValues);
const isReturn = projects.restoreLast(), isLink = !isReturn && (await share.restore());
if (!isReturn && !isLink) show(firstGroove());
share.begin();
projects.begin(files.download);
history.begin();
shortcuts.begin();
byId("version").textContent = `drumtok ${about.version}`;
if (!isReturn) addTake(state.pattern, isLink ? "From the link" : "First groove");
tour.begin();
load(state.kit);
performance.mark("interactive"); // all but the map is there
await Promise.all([map.begin(), grooves.begin()]).catch((error) => notify(error.message, true));
document.body.dataset.ready = "true";
