// What a static site cannot do: it is disabled, with the reason, or hidden.

export const REASON = "This page runs without a server. Install drumtok and run drumtok serve for this.";
const DISABLED = ["make-like"];
const HIDDEN = ["footer a[href*='api/']"];

/** Disable and hide it; the page may enable its buttons again, which stay without effect. */
export function explain() {
  for (const found of document.querySelectorAll(HIDDEN.join(","))) found.hidden = true;
  for (const id of DISABLED) {
    const found = document.getElementById(id);
    if (!found) continue;
    found.title = REASON;
    found.setAttribute("aria-disabled", "true");
    found.classList.add("missing");
  }
}
