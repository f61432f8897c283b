// Files that are kept in the cache of the service worker from the first visit on, before that worker answers.

const PACKED = ".zz"; // the ending of files that zlib has packed

/** Fetch a file, or take it from a cache of that name, where the browser allows one; packed files are unpacked. */
export async function cached(url, name) {
  const response = await packed(url, name), { pathname } = new URL(url);
  return pathname.endsWith(PACKED) ? new Response(response.body.pipeThrough(new DecompressionStream("deflate"))) : response;
}

async function packed(url, name) {
  const cache = name && globalThis.caches ? await caches.open(name).catch(() => null) : null;
  const found = await cache?.match(url);
  if (found) return found;
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new Error(`Cannot load ${new URL(url).pathname}. Is this device online?`);
  await cache?.put(url, response.clone()).catch(() => {}); // a full disk only makes the next visit longer
  return response;
}
