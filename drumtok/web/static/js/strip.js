// The strip of takes: a click brings one back; two of them are compared, switching on the bar.

import { thumbnail } from "./picture.js";
import { byId, element, keepEdits, on, say, show, state, takeOf, tell } from "./store.js";
import { atNextBar, isWaiting } from "./transport.js";

/** Shows a take, at the bar line where the page plays. */
export function recall(id) {
  if (state.writing) return;
  atNextBar(() => {
    const take = takeOf(id); // hand-made changes to the one that was shown become a take first
    keepEdits();
    state.take = id;
    show(take.pattern);
    tell("takes");
  });
}

/** A or B of the two takes: which one is shown. */
const slotShown = () => ["a", "b"].find((slot) => state.ab[slot] !== null && state.ab[slot] === state.take);

function assign(slot, id) {
  state.ab[slot] = state.ab[slot] === id ? null : id;
  const other = slot === "a" ? "b" : "a";
  if (state.ab[other] === state.ab[slot]) state.ab[other] = null;
  tell("takes");
}

function compare(slot) {
  if (state.ab[slot] === null) return say(`Choose a take as ${slot.toUpperCase()} in the strip first`);
  recall(state.ab[slot]);
}

/** From A to B and back; without them the two last takes are taken. */
export function switchOver() {
  if (state.ab.a === null && state.ab.b === null && state.takes.length > 1) {
    [state.ab.a, state.ab.b] = state.takes.slice(-2).map((take) => take.id);
    tell("takes");
  }
  compare(slotShown() === "a" ? "b" : "a");
}

const made = new Map(); // id -> what stands in the strip for it

function itemOf(take, number) {
  if (!made.has(take.id)) {
    const shown = element("button", { "aria-label": `Take ${number}: ${take.label}`, title: take.label },
      thumbnail(take.pattern, 134, 54), element("span", { textContent: `${number} · ${take.label}` }));
    shown.addEventListener("click", () => recall(take.id));
    const slots = ["a", "b"].map((slot) => {
      const button = element("button", { textContent: slot.toUpperCase(), "aria-label": `Take ${number} is ${slot.toUpperCase()}` });
      button.addEventListener("click", () => assign(slot, take.id));
      return button;
    });
    made.set(take.id, element("li", { className: "take" }, shown, element("div", {}, ...slots)));
  }
  return made.get(take.id);
}

function draw() {
  const items = state.takes.map((take, index) => {
    const item = itemOf(take, take.id), [shown, slots] = item.children;
    if (take.id === state.take) shown.setAttribute("aria-current", "true");
    else shown.removeAttribute("aria-current");
    [...slots.children].forEach((button, n) => button.setAttribute("aria-pressed", state.ab["ab"[n]] === take.id));
    return item;
  });
  const list = byId("takes");
  if (list.childElementCount !== items.length || items.some((item, n) => list.children[n] !== item)) list.replaceChildren(...items);
  const shown = list.querySelector("[aria-current]")?.parentElement, [from, width] = [list.scrollLeft, list.clientWidth];
  // The strip alone is scrolled: on a phone it is far below what a person looks at.
  if (shown) list.scrollLeft = Math.max(Math.min(from, shown.offsetLeft - list.offsetLeft), shown.offsetLeft - list.offsetLeft + shown.offsetWidth - width);
  for (const slot of ["a", "b"]) {
    byId(slot).setAttribute("aria-pressed", slotShown() === slot);
    byId(slot).classList.toggle("queued", isWaiting() && slotShown() !== slot);
  }
}

/** Wires the strip. */
export function begin() {
  on("takes waiting", draw);
  byId("a").addEventListener("click", () => compare("a"));
  byId("b").addEventListener("click", () => compare("b"));
  draw();
}
