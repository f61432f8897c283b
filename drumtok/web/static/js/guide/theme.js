// Light and dark: as the system has it, until the button chooses.

import { keep, local } from "../core/storage.js";
import { byId, emit } from "../core/store.js";

const KEY = "drumtok.theme", system = matchMedia("(prefers-color-scheme: light)");

const current = () => local.getItem(KEY) ?? (system.matches ? "light" : "dark");

function show() {
  document.documentElement.style.colorScheme = current();
  byId("theme").setAttribute("aria-label", current() === "light" ? "Dark theme" : "Light theme");
  byId("theme").title = current() === "light" ? "Dark theme" : "Light theme";
  emit("theme");
}

/** Show the theme, and connect the button. */
export function begin() {
  byId("theme").addEventListener("click", () => {
    const chosen = current() === "light" ? "dark" : "light";
    chosen === (system.matches ? "light" : "dark") ? local.removeItem(KEY) : keep(KEY, chosen);
    show();
  });
  system.addEventListener("change", show);
  show();
}
