// The buttons of the bars, in one row however many there are.

import { byId, element, state } from "../core/store.js";

const place = byId("bar-buttons");

/** Draw a button for each bar, of which `shown` from `first` on are shown; a press calls `choose` with the bar. */
export function drawBarButtons(first, shown, choose) {
  place.replaceChildren(...Array.from({ length: state.pattern.bars }, (_, bar) => {
    const button = element("button", { textContent: bar + 1, "aria-label": `Show bar ${bar + 1}` });
    if (bar >= first && bar < first + shown) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => choose(bar));
    return button;
  }));
  const button = place.children[first];
  if (button) place.scrollLeft = button.offsetLeft - place.offsetLeft - place.clientWidth / 3;
}

/** Call a function with the button and the number of each bar. */
export const barNames = (mark) => [...place.children].forEach(mark);

/** Mark the bar that plays; -1 is none. */
export const markBarButtons = (bar) => barNames((button, index) => button.classList.toggle("playing", index === bar));
