// The service worker of a static site: files of the first visit are kept, others when they are first loaded.
// `sw.js` sets SITE: the name of the cache, which is another for each build, and the files to keep.

/** @type {any} */
const scope = self; // whose types are not those of a page
const { SITE } = scope, PREFIX = "drumtok ";

scope.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SITE.name).then((cache) => cache.addAll(SITE.files)).then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith(PREFIX) && name !== SITE.name;
  const cleared = caches.keys().then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))));
  event.waitUntil(cleared.then(() => scope.clients.claim()));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && new URL(request.url).origin === location.origin) event.respondWith(answer(request));
});

async function answer(request) {
  const cache = await caches.open(SITE.name), found = await cache.match(request, { ignoreSearch: true });
  if (found) return found;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}
