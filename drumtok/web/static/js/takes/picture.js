// Pictures of patterns: thumbnails of takes, and the picture to download.

import { DRUMS, MODEL_LANES } from "../core/api.js";
import { WIDTH, stepsPerBar } from "../core/pattern.js";
import { nameOf, on } from "../core/store.js";

const colors = new Map(); // name -> color, as each look at a style lets the browser compute those of the whole page
on("theme", () => colors.clear());

/** The color of a custom property in the current theme. */
function color(name) {
  if (!colors.has(name)) {
    const probe = document.createElement("i");
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    colors.set(name, getComputedStyle(probe).color);
    probe.remove();
  }
  return colors.get(name);
}
const lanesOf = (pattern) => DRUMS.flatMap((drum, lane) => (lane < MODEL_LANES || pattern.velocity.some((v, at) => v && at % WIDTH === lane) ? [lane] : []));

/** Draw the hits of some lanes into a rectangle of a canvas. */
function hits(context, pattern, lanes, left, top, width, height) {
  const steps = pattern.velocity.length / WIDTH, per = stepsPerBar(pattern), [w, h] = [width / steps, height / lanes.length];
  context.fillStyle = color("line");
  for (let step = per; step < steps; step += per) context.fillRect(left + step * w - 0.5, top, 1, height);
  pattern.velocity.forEach((velocity, at) => {
    if (!velocity) return;
    const loudness = 0.2 + 0.8 * (velocity / 127), row = lanes.indexOf(at % WIDTH), tall = (h - 1) * loudness;
    context.globalAlpha = 0.35 + 0.65 * loudness;
    context.fillStyle = color(DRUMS[lanes[row]].lane);
    context.fillRect(left + Math.floor(at / WIDTH) * w, top + row * h + (h - tall) / 2, Math.max(w - 1, 1), tall);
  });
  context.globalAlpha = 1;
}

/** Return a thumbnail at the resolution of the screen. */
export function thumbnail(pattern, width, height) {
  const canvas = document.createElement("canvas"), scale = Math.ceil(devicePixelRatio);
  Object.assign(canvas, { width: width * scale, height: height * scale });
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  hits(context, pattern, lanesOf(pattern), 3, 3, width - 6, height - 6);
  return canvas;
}

/** Return the picture to download, four bars in a row. */
export function poster(pattern) {
  const lanes = lanesOf(pattern), rows = Math.ceil(pattern.bars / 4), across = Math.min(pattern.bars, 4), per = stepsPerBar(pattern) * WIDTH;
  const [head, left, bar, tall, gap] = [64, 120, 320, 252, 28];
  const canvas = document.createElement("canvas"), scale = 2;
  const [width, height] = [left + across * bar + 24, head + rows * (tall + gap)];
  Object.assign(canvas, { width: width * scale, height: height * scale });
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.fillStyle = color("ground");
  context.fillRect(0, 0, width, height);
  context.fillStyle = color("text");
  context.font = "600 18px system-ui, sans-serif";
  context.fillText(`${pattern.name || "drumtok"} · ${Math.round(pattern.tempo)} BPM`, 20, 38);
  for (let row = 0; row < rows; row++) {
    const top = head + row * (tall + gap), bars = Math.min(4, pattern.bars - 4 * row);
    const velocity = pattern.velocity.subarray(4 * row * per, (4 * row + bars) * per);
    context.font = "12px system-ui, sans-serif";
    lanes.forEach((lane, n) => {
      context.fillStyle = color(DRUMS[lane].lane);
      context.fillText(nameOf(lane), 20, top + (n + 0.66) * (tall / lanes.length));
    });
    context.fillStyle = color("panel");
    context.fillRect(left, top, bars * bar, tall);
    hits(context, { ...pattern, bars, velocity }, lanes, left, top, bars * bar, tall);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
