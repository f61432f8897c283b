// The tour of the first visit: three steps, each beside what it explains.

import { keep, local } from "../core/storage.js";
import { byId } from "../core/store.js";

const KEY = "drumtok.tour", GAP = 14;
const STEPS = [
  ["play", "Press play", "This groove loops. Change the tempo while it plays."],
  ["generate", "Generate another", "The model writes new bars while you listen. Everything it writes is kept as a take."],
  ["grid", "Make it yours", "Click steps, drag them up and down for velocity, lock what you like: the model writes the rest to fit."],
];
const card = byId("tour");
let step = 0;

const target = () => byId(STEPS[step][0]);

function place() {
  if (card.hidden) return;
  const box = target().getBoundingClientRect(), { offsetWidth, offsetHeight } = card;
  const isBelow = box.bottom + GAP + offsetHeight < innerHeight;
  const top = isBelow ? box.bottom + GAP : Math.max(GAP, Math.min(box.top, innerHeight) - offsetHeight - GAP);
  const inside = box.height > innerHeight / 2 ? box.top + 90 : top; // a large target has the card inside
  card.style.top = `${Math.max(GAP, Math.min(inside, innerHeight - offsetHeight - GAP))}px`;
  card.style.left = `${Math.max(GAP, Math.min(box.left, innerWidth - offsetWidth - GAP))}px`;
}

function show(number) {
  document.querySelector(".toured")?.classList.remove("toured");
  step = number;
  card.hidden = step >= STEPS.length;
  if (card.hidden) return keep(KEY, "done");
  const [, title, text] = STEPS[step];
  byId("tour-title").textContent = title;
  byId("tour-text").textContent = text;
  byId("tour-step").textContent = `${step + 1} of ${STEPS.length}`;
  byId("tour-next").textContent = step + 1 < STEPS.length ? "Next" : "Done";
  target().classList.add("toured");
  place();
}

/** Connect the tour, and show it to users who have not seen it. */
export function begin() {
  byId("tour-next").addEventListener("click", () => show(step + 1));
  byId("tour-skip").addEventListener("click", () => show(STEPS.length));
  byId("tour-again").addEventListener("click", () => (byId("keys").close(), show(0)));
  STEPS.forEach(([id], number) => byId(id).addEventListener("click", () => !card.hidden && step === number && show(number + 1)));
  addEventListener("resize", place);
  addEventListener("scroll", place, { passive: true });
  card.hidden = true;
  if (local.getItem(KEY) !== "done") show(0);
}
