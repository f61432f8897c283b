// What the browser keeps: in its storage or, where that is blocked or full, as long as the page is open.

/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem"> & {keys: () => string[]}} Store */

/** A store in memory. @returns {Store} */
function memory() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => void kept.set(key, text), removeItem: (key) => void kept.delete(key),
    keys: () => [...kept.keys()],
  };
}

/** The store of the browser; reading the property of the window throws where it is blocked. @param {() => Storage} open @returns {Store} */
function opened(open) {
  try {
    const found = open(), keys = () => Array.from({ length: found.length }, (_, n) => found.key(n) ?? "");
    keys();
    return { getItem: (key) => found.getItem(key), setItem: (key, text) => found.setItem(key, text), removeItem: (key) => found.removeItem(key), keys };
  } catch {
    return memory();
  }
}

/** Of the browser, and of this tab. */
export const local = opened(() => localStorage), session = opened(() => sessionStorage);

/** Keep a text; return whether there was room. @param {string} key @param {string} text */
export function keep(key, text) {
  try {
    local.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}
