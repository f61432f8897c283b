// Files that are kept in the cache of the service worker from the first visit on, before that worker answers.

/** Fetch a file, or take it from a cache of that name, where the browser allows one. */
export async function cached(url, name) {
  const cache = name && globalThis.caches ? await caches.open(name) : null;
  const found = await cache?.match(url);
  if (found) return found;
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new Error(`Cannot load ${new URL(url).pathname}. Is this device online?`);
  await cache?.put(url, response.clone());
  return response;
}
