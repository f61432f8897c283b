// The shortcuts of the page, and the dialog that lists them.

import { MODEL_LANES } from "../core/api.js";
import { redo, undo } from "../core/history.js";
import { byId, state } from "../core/store.js";
import * as grid from "../grid/grid.js";
import * as model from "../model/model.js";
import * as transport from "../playback/transport.js";
import * as ports from "../ports/panel.js";
import * as strip from "../takes/strip.js";

const KEYS = {
  g: model.generate, c: model.continuePattern, v: model.vary, f: model.fill, m: model.morph, h: model.humanise, b: strip.switchTakes, Escape: model.cancel,
  t: () => ports.tapTempo(), "?": () => byId("keys").showModal(),
};

function space(fromStart) {
  if (fromStart) transport.stop();
  transport.playing() ? transport.pause() : transport.play();
}

/** Close the open menus of the header but the one around an element; return whether there were any. @param {Element | null} kept */
function closeMenus(kept = null) {
  const open = [...document.querySelectorAll(".menu[open]")].filter((menu) => !menu.contains(kept));
  for (const menu of open) {
    if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
    /** @type {HTMLDetailsElement} */ (menu).open = false;
  }
  return open.length > 0;
}

/** Handle the shortcuts of the page, unless the key belongs to a field or a button. */
function keyed(event) {
  const { target, key } = event, command = event.ctrlKey || event.metaKey;
  const isTyping = target.matches("input:not([type=range]):not([type=checkbox]), select, textarea");
  if (command && ["z", "y"].includes(key.toLowerCase()) && !isTyping && !state.generating) {
    event.preventDefault();
    return key.toLowerCase() === "y" || event.shiftKey ? redo() : undo();
  }
  if (key === "Enter" && target.matches("[type=number], #chain, #project-name")) return blur(target);
  if (key === "Escape" && closeMenus()) return;
  if (event.defaultPrevented || command || event.altKey || isTyping || byId("keys").open) return;
  if (event.repeat) return;
  if (key === " " && !target.matches("button, a, summary, input:not([type=range])")) {
    event.preventDefault();
    return space(event.shiftKey);
  }
  if (key >= "1" && key <= String(MODEL_LANES)) return grid.goToLane(Number(key) - 1);
  KEYS[key.length === 1 ? key.toLowerCase() : key]?.();
}

// Controls used with a pointer lose the focus, so that the shortcuts work again: space plays, G generates.
let pointed = false;
const blur = (field) => field?.blur();

/** Connect the keyboard. */
export function begin() {
  document.addEventListener("keydown", keyed);
  addEventListener("pointerdown", ({ target }) => ((pointed = true), closeMenus(/** @type {Element} */ (target))), true);
  addEventListener("keydown", () => (pointed = false), true);
  addEventListener("click", ({ detail, target }) => detail && blur(/** @type {Element} */ (target).closest("button:not(.spot, .more), summary, [type=checkbox]")));
  addEventListener("change", ({ target }) => pointed && /** @type {Element} */ (target).matches("select, [type=range]") && blur(target));
  byId("help").addEventListener("click", () => byId("keys").showModal());
}
