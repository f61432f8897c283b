// The strip of takes. A click restores a take; two takes can be compared, switching at the bar line.

import { thumbnail } from "./picture.js";
import { byId, element, keepEdits, on, notify, show, state, takeOf, emit } from "../core/store.js";
import { cancel } from "../model/model.js";
import { atNextBar, isWaiting } from "../playback/transport.js";

/** Show a take, at the next bar line while playing. */
export async function recall(id) {
  await cancel();
  atNextBar(() => {
    const take = takeOf(id); // edits of the current take become a take of their own first
    keepEdits();
    state.take = id;
    show(take.pattern);
    emit("takes");
  });
}

/** The slot, "a" or "b", of the current take. */
const slotShown = () => ["a", "b"].find((slot) => state.ab[slot] !== null && state.ab[slot] === state.take);

function assign(slot, id) {
  state.ab[slot] = state.ab[slot] === id ? null : id;
  const other = slot === "a" ? "b" : "a";
  if (state.ab[other] === state.ab[slot]) state.ab[other] = null;
  emit("takes");
}

function compare(slot) {
  if (state.ab[slot] === null) return notify(`First choose a take as ${slot.toUpperCase()}`);
  recall(state.ab[slot]);
}

/** Switch between A and B; by default these are the last two takes. */
export function switchTakes() {
  if (state.ab.a === null && state.ab.b === null && state.takes.length > 1) {
    [state.ab.a, state.ab.b] = state.takes.slice(-2).map((take) => take.id);
    emit("takes");
  }
  compare(slotShown() === "a" ? "b" : "a");
}

const made = new Map(); // id -> its list item

function itemOf(take) {
  if (!made.has(take.id)) {
    const { number, seed } = take, { bars, tempo } = take.pattern, size = `${bars} ${bars === 1 ? "bar" : "bars"}, ${Math.round(tempo)} BPM`;
    const shown = element("button", { "aria-label": `Take ${number}: ${take.label}, ${size}` }, thumbnail(take.pattern, 134, 54),
      element("span", { textContent: `${number} · ${take.label}` }), element("small", { textContent: size }));
    shown.title = seed === undefined ? take.label : `${take.label}, seed ${seed}`;
    shown.addEventListener("click", () => recall(take.id));
    const slots = ["a", "b"].map((slot) => {
      const button = element("button", { textContent: slot.toUpperCase(), "aria-label": `Use take ${number} as ${slot.toUpperCase()}` });
      button.addEventListener("click", () => assign(slot, take.id));
      return button;
    });
    made.set(take.id, element("li", { className: "take" }, shown, element("div", {}, ...slots)));
  }
  return made.get(take.id);
}

function draw() {
  const items = state.takes.map((take, index) => {
    const item = itemOf(take), [shown, slots] = item.children;
    if (take.id === state.take) shown.setAttribute("aria-current", "true");
    else shown.removeAttribute("aria-current");
    [...slots.children].forEach((button, n) => button.setAttribute("aria-pressed", state.ab["ab"[n]] === take.id));
    return item;
  });
  const list = byId("takes");
  if (list.childElementCount !== items.length || items.some((item, n) => list.children[n] !== item)) list.replaceChildren(...items);
  const shown = items.length > 1 && list.querySelector("[aria-current]")?.parentElement, [from, width] = shown ? [list.scrollLeft, list.clientWidth] : [0, 0];
  // Scroll the strip only: on a phone it is far below the visible part of the page.
  if (shown) list.scrollLeft = Math.max(Math.min(from, shown.offsetLeft - list.offsetLeft), shown.offsetLeft - list.offsetLeft + shown.offsetWidth - width);
  for (const slot of ["a", "b"]) {
    byId(slot).setAttribute("aria-pressed", slotShown() === slot);
    byId(slot).classList.toggle("queued", isWaiting() && slotShown() !== slot);
  }
}

/** Connect the strip. */
export function begin() {
  on("takes waiting", draw);
  on("theme", () => (made.clear(), draw())); // pictures have the colors of the theme
  byId("a").addEventListener("click", () => compare("a"));
  byId("b").addEventListener("click", () => compare("b"));
  draw();
}
