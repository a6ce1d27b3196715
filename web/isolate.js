// A service worker with two tasks. It adds the headers that threads need (SharedArrayBuffer exists only in a cross-origin isolated
// page), for hosts that can't set headers. And it keeps a copy of every file of the page, so that Convlens opens without a network
// after the first visit.
"use strict";
const cacheName = "convlens";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));

function isolated(response) {
    if (!response || response.status === 0 || response.type === "opaque") return response;
    const headers = new Headers(response.headers);
    headers.set("Cross-Origin-Opener-Policy", "same-origin");
    headers.set("Cross-Origin-Embedder-Policy", "require-corp");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

async function answer(request) {
    const cache = await caches.open(cacheName);
    try {
        const response = await fetch(request);
        if (response.ok) await cache.put(request, response.clone());
        return isolated(response);
    } catch (error) {
        const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
        if (!kept) throw error;
        return isolated(kept);
    }
}

self.addEventListener("fetch", event => {
    const request = event.request;
    if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
    if (request.cache === "only-if-cached" && request.mode !== "same-origin") return;
    event.respondWith(answer(request));
});
