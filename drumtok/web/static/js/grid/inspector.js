// The inspector: velocity, nudge, probability and ratchet of the hit that has the focus.

import { MOST_RATCHET, WIDTH, hitAt, stepsPerBar, withHits } from "../core/pattern.js";
import { byId, element, nameOf, on, show, state } from "../core/store.js";
import { audition } from "../playback/sounds.js";
import { playing } from "../playback/transport.js";
import { focus } from "./grid.js";

/**
 * id of the slider -> [field, value of the slider for one of the field, text]
 * @type {Record<string, [string, number, (value: number) => string]>}
 */
const SLIDERS = {
  "hit-velocity": ["velocity", 1, (value) => String(value)],
  "hit-nudge": ["offset", 100, (value) => (value ? `${Math.abs(value)}% ${value > 0 ? "late" : "early"}` : "on the grid")],
  "hit-probability": ["probability", 1, (value) => `${value}%`],
};
const panel = byId("inspector"), ratchets = byId("hit-ratchet");

const index = () => focus.step * WIDTH + focus.lane;
const hit = () => hitAt(state.pattern, index());
const change = (fields, draft) => show(withHits(state.pattern, [[index(), { ...hit(), ...fields }]]), { draft });

function draw() {
  const { pattern } = state, per = stepsPerBar(pattern), found = hit(), isHit = found.velocity > 0;
  const place = `${nameOf(focus.lane)}, bar ${Math.floor(focus.step / per) + 1}, step ${(focus.step % per) + 1}`;
  byId("hit-place").textContent = place;
  panel.classList.toggle("idle", !isHit);
  for (const [id, [field, scale, text]] of Object.entries(SLIDERS)) {
    const slider = byId(id), value = Math.round(found[field] * scale);
    slider.disabled = !isHit;
    if (isHit) slider.value = value;
    panel.querySelector(`output[for=${id}]`).textContent = isHit ? text(value) : "–";
  }
  [...ratchets.children].forEach((button, n) => {
    button.disabled = !isHit;
    button.setAttribute("aria-pressed", isHit && found.ratchet === n + 1);
  });
}

/** Connect the sliders and buttons. */
export function begin() {
  for (const [id, [field, scale]] of Object.entries(SLIDERS)) {
    byId(id).addEventListener("input", ({ target }) => hit().velocity && change({ [field]: Number(target.value) / scale }, true));
    byId(id).addEventListener("change", () => {
      show(state.pattern); // all of a drag is one undo step
      if (field === "velocity" && !playing()) audition(focus.lane, hit().velocity);
    });
  }
  ratchets.append(...Array.from({ length: MOST_RATCHET }, (_, n) => {
    const button = element("button", { textContent: n + 1, "aria-label": n ? `${n + 1} hits in the step` : "One hit in the step" });
    button.addEventListener("click", () => change({ ratchet: n + 1 }, false));
    return button;
  }));
  on("bar pattern lanes", draw);
  draw();
}
