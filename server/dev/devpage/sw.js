// SPDX-License-Identifier: MPL-2.0
// Tells the page what arrived. A push that shows nothing costs quota, so it is shown if it may be.

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));

async function report(event) {
  const text = event.data ? event.data.text() : null;
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  for (const page of pages)
    page.postMessage({ kind: 'push', text });
  if (Notification.permission === 'granted')
    await self.registration.showNotification('Carillon', { body: text ?? '(no text)' });
}

self.addEventListener('push', event => event.waitUntil(report(event)));

self.addEventListener('pushsubscriptionchange', event => event.waitUntil((async () => {
  for (const page of await self.clients.matchAll({ type: 'window', includeUncontrolled: true }))
    page.postMessage({ kind: 'change' });
})()));
