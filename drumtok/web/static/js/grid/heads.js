// The heads of the grid: of each lane on its left, of each bar above it.

import { DRUMS, MODEL_LANES } from "../core/api.js";
import { HIT } from "../core/pattern.js";
import { element, emit, nameOf, state, toggle } from "../core/store.js";
import { audition } from "../playback/sounds.js";
import { openBarMenu, openLaneMenu } from "./menus.js";

const capitalised = (name) => name[0].toUpperCase() + name.slice(1);

function menuButton(label, open) {
  const button = element("button", { className: "more", textContent: "⋯", "aria-label": label, "aria-haspopup": "menu", title: "Copy, paste and more" });
  button.addEventListener("click", () => open(button));
  return button;
}

/** Return the head of a lane. Percussion has no lock, as the model never changes it. */
export function laneHead(lane) {
  const drum = nameOf(lane), isModels = lane < MODEL_LANES, key = isModels ? ` (${lane + 1} selects it)` : "";
  const name = element("button", { className: "name", textContent: capitalised(drum), title: `Play ${drum}${key}` });
  name.addEventListener("click", () => audition(lane, HIT));
  const lock = element("button", { className: "lock", "aria-label": `Lock ${drum}`, title: "Keep this drum when generating (L)" });
  lock.addEventListener("click", () => toggle(state.lanes, lane));
  const always = element("span", { className: "own", title: "The model keeps percussion as it is", textContent: "own" });
  const switches = ["mute", "solo"].map((what) => {
    const made = element("button", { className: what, textContent: what[0].toUpperCase(), "aria-label": `${capitalised(what)} ${drum}` });
    made.addEventListener("click", () => {
      state.mixer[lane][what] = !state.mixer[lane][what];
      emit("mixer");
    });
    return made;
  });
  const volume = element("input", { type: "range", min: 0, max: 100, "aria-label": `${drum} volume` });
  volume.addEventListener("input", () => {
    state.mixer[lane].volume = Number(volume.value);
    emit("mixer");
  });
  const menu = menuButton(`Menu of ${drum}`, (button) => openLaneMenu(lane, button));
  const made = element("div", { className: "head", role: "rowheader" }, name, isModels ? lock : always, ...switches, volume, menu);
  made.title = DRUMS[lane].name === drum ? "" : DRUMS[lane].name;
  return made;
}

/** Return the heads of bars, with the numbers of their beats, for the visible steps of each. @param {number[][]} steps @param {number} per steps of a bar */
export function ruler(steps, per) {
  const bars = steps.map((own) => {
    const bar = Math.floor(own[0] / per), lock = element("button", { className: "lock bar-lock-button", "aria-label": `Lock bar ${bar + 1}`, "aria-pressed": false, title: "Keep this bar when generating (K)" });
    lock.dataset.bar = bar;
    lock.addEventListener("click", () => toggle(state.bars, bar));
    const menu = menuButton(`Menu of bar ${bar + 1}`, (button) => openBarMenu(bar, button));
    const beats = own.map((step) => element("span", { textContent: (step % per) % state.pattern.grid ? "" : (step % per) / state.pattern.grid + 1 }));
    return element("div", { className: "cells" }, element("div", { className: "bar-lock" }, element("span", { textContent: `Bar ${bar + 1}` }), lock, menu), ...beats);
  });
  return element("div", { className: "ruler", role: "row" }, element("div", { className: "corner", role: "rowheader" }),
    element("div", { className: "bars", role: "gridcell" }, ...bars));
}
