// Pictures of patterns: thumbnails of takes, and the picture to download.

import { DRUMS } from "../core/api.js";
import { WIDTH, stepsPerBar } from "../core/pattern.js";

const style = getComputedStyle(document.documentElement);
const color = (name) => style.getPropertyValue(`--${name}`);

/** Draw the hits into a rectangle of a canvas. */
function hits(context, pattern, left, top, width, height) {
  const steps = pattern.velocity.length / WIDTH, per = stepsPerBar(pattern), [w, h] = [width / steps, height / WIDTH];
  context.fillStyle = color("line");
  for (let step = per; step < steps; step += per) context.fillRect(left + step * w - 0.5, top, 1, height);
  pattern.velocity.forEach((velocity, at) => {
    if (!velocity) return;
    const loudness = 0.2 + 0.8 * (velocity / 127), lane = at % WIDTH, tall = (h - 1) * loudness;
    context.globalAlpha = 0.35 + 0.65 * loudness;
    context.fillStyle = color(DRUMS[lane].lane);
    context.fillRect(left + Math.floor(at / WIDTH) * w, top + lane * h + (h - tall) / 2, Math.max(w - 1, 1), tall);
  });
  context.globalAlpha = 1;
}

/** Return a thumbnail at the resolution of the screen. */
export function thumbnail(pattern, width, height) {
  const canvas = document.createElement("canvas"), scale = Math.ceil(devicePixelRatio);
  Object.assign(canvas, { width: width * scale, height: height * scale });
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  hits(context, pattern, 3, 3, width - 6, height - 6);
  return canvas;
}

/** Return the picture to download, four bars in a row. */
export function poster(pattern) {
  const rows = Math.ceil(pattern.bars / 4), across = Math.min(pattern.bars, 4), per = stepsPerBar(pattern) * WIDTH;
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
    DRUMS.forEach((drum, lane) => {
      context.fillStyle = color(drum.lane);
      context.fillText(drum.name, 20, top + (lane + 0.66) * (tall / WIDTH));
    });
    context.fillStyle = color("panel");
    context.fillRect(left, top, bars * bar, tall);
    hits(context, { ...pattern, bars, velocity }, left, top, bars * bar, tall);
  }
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}
