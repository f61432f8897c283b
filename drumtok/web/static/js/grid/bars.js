// The buttons of the bars, in one row however many there are. Together they show the plan of the pattern: how full each
// bar is, whether it is a fill, how much of an earlier bar it repeats, and the sections of its plan.

import { MODEL_LANES, about } from "../core/api.js";
import { WIDTH, stepsPerBar } from "../core/pattern.js";
import { byId, element, state, writtenBy } from "../core/store.js";
import { planOf } from "../engine/bar_plan.js";
import { sectionsOf } from "../model/plan_text.js";

const NEAR = 2; // classes of likeness below equal, as of bars that share three quarters of their hits
const place = byId("bar-buttons"), halves = byId("bar-parts");

/**
 * Draw a button for each bar, of which `shown` from `first` on are shown, and one for each part of a bar that does not
 * fit; a press calls `choose` with the bar and the part.
 * @param {{first: number, shown: number, part: number, parts: number, wide: number, per: number}} view @param {(bar: number, part: number) => void} choose
 */
export function drawBarButtons({ first, shown, ...view }, choose) {
  place.replaceChildren(...Array.from({ length: state.pattern.bars }, (_, bar) => {
    const button = element("button", { "aria-label": `Show bar ${bar + 1}` }, element("span", { className: "section" }), String(bar + 1));
    if (bar >= first && bar < first + shown) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => choose(bar, 0));
    return button;
  }));
  drawParts(view, (part) => choose(first, part));
  const button = place.children[first];
  if (shown < state.pattern.bars) place.scrollLeft = button.offsetLeft - place.offsetLeft - place.clientWidth / 3;
}

/** Draw a button for each part of the bar, named after its beats; none where the whole bar fits. */
function drawParts({ part, parts, wide, per }, choose) {
  halves.hidden = parts === 1;
  halves.replaceChildren(...Array.from({ length: parts > 1 ? parts : 0 }, (_, index) => {
    const beat = (step) => Math.floor(step / state.pattern.grid) + 1, [from, to] = [beat(index * wide), beat(Math.min((index + 1) * wide, per) - 1)];
    const button = element("button", { textContent: from === to ? `${from}` : `${from}–${to}`, "aria-label": from === to ? `Show beat ${from}` : `Show beats ${from} to ${to}`, "aria-pressed": index === part });
    button.addEventListener("click", () => choose(index));
    return button;
  }));
}

/** The bars of the pattern as hit words, of the drums of the model. */
function wordsOf({ bars, velocity }, per) {
  const word = (step) => {
    let drums = 0;
    for (let lane = 0; lane < MODEL_LANES; lane++) if (velocity[step * WIDTH + lane]) drums |= 1 << (MODEL_LANES - 1 - lane);
    return drums;
  };
  return Array.from({ length: bars }, (_, bar) => Array.from({ length: per }, (_, step) => word(bar * per + step)));
}

/** What the plan of a bar holds, by name: how full it is from 0 to 1, whether it is a fill, and the bar that it is like. */
function describe(values, bar) {
  const { fields, backs, yes, equal } = about.plan;
  const value = Object.fromEntries(fields.map(({ name }, n) => [name, values[n]])), classes = fields.find(({ name }) => name === "hits").size - 2;
  const isEqual = value.same === equal, isNear = value.same >= equal - NEAR;
  return { full: (value.hits - 1) / classes, isFill: value.fill === yes, isEqual, isNear, like: isNear ? bar - backs[value.like - 1] + 1 : 0 };
}

/** The section that begins with each bar, by bar. */
function sectionStarts() {
  const starts = new Map();
  let bar = 0;
  for (const section of sectionsOf(writtenBy.get(state.pattern)?.written_by.plan ?? "")) {
    starts.set(bar, section);
    bar += section.bars;
  }
  return starts;
}

/** Show the plan on the buttons. */
export function drawPlan() {
  const bars = wordsOf(state.pattern, stepsPerBar(state.pattern)), starts = sectionStarts();
  let section = "";
  place.classList.toggle("named", starts.size > 0);
  barNames((button, bar) => {
    const { full, isFill, isEqual, isNear, like } = describe(planOf(bars.slice(0, bar + 1), state.pattern.grid, about.plan), bar), start = starts.get(bar);
    section = start?.name ?? section;
    button.style.setProperty("--full", String(full));
    button.style.setProperty("--section-bars", String(start?.bars ?? 0));
    button.classList.toggle("is-fill", isFill);
    button.classList.toggle("is-equal", isEqual);
    button.classList.toggle("is-near", isNear && !isEqual);
    button.querySelector(".section").textContent = start?.name ?? "";
    const likeness = isNear && (isEqual ? `equal to bar ${like}` : `nearly equal to bar ${like}`);
    button.title = [section, `${Math.round(full * 100)}% full`, isFill && "fill", likeness].filter(Boolean).join(", ");
  });
}

/** Call a function with the button and the number of each bar. */
export const barNames = (mark) => [...place.children].forEach(mark);

/** Mark the bar that plays, or no bar for -1. */
export const markBarButtons = (bar) => barNames((button, index) => button.classList.toggle("playing", index === bar));
