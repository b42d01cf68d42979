// SPDX-License-Identifier: MPL-2.0
// A web site that uses push, on http://localhost (a secure context). Its service worker tells this
// process what arrived, one after the other.
import http from 'node:http';
import { Inbox } from './waiting.mjs';

const Worker = `
let last = Promise.resolve();
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()));
self.addEventListener('push', event => {
    const body = JSON.stringify({
        text: event.data === null ? null : event.data.text(),
    });
    last = last.then(() => fetch('/pushed', { method: 'POST', body }));
    event.waitUntil(last);
});
self.addEventListener('pushsubscriptionchange', event => {
    event.waitUntil(fetch('/changed', { method: 'POST' }));
});
`;

const Script = `
const worker = name => navigator.serviceWorker.register('/worker.js', { scope: '/' + name + '/' });
async function active(name) {
    const registration = await worker(name);
    const installing = registration.installing ?? registration.waiting;
    if (installing && !registration.active) {
        await new Promise(resolve => installing.addEventListener('statechange', () => {
            if (installing.state === 'activated')
                resolve();
        }));
    }
    return registration;
}
window.subscribe = async (name, key) => {
    const { pushManager } = await active(name);
    const subscription = await pushManager.subscribe(
        { userVisibleOnly: true, applicationServerKey: key });
    return subscription.toJSON();
};
window.unsubscribe = async name => {
    const subscription = await (await active(name)).pushManager.getSubscription();
    return subscription.unsubscribe();
};
window.subscription = async name => {
    const subscription = await (await active(name)).pushManager.getSubscription();
    return subscription && subscription.toJSON();
};
`;

const Files = {
    '/': ['text/html', '<!doctype html><meta charset=utf-8><title>Push</title><script src=/page.js></script>'],
    '/page.js': ['text/javascript', Script],
    '/worker.js': ['text/javascript', Worker],
};

export class Page {
    /// Texts of the pushes that the worker got, null for an empty one.
    pushes = new Inbox();
    /// How often Firefox lost its subscriptions.
    changes = 0;
    #server;

    static async serve() {
        const page = new Page();
        page.#server = http.createServer((request, response) => page.#answer(request, response));
        await new Promise(resolve => page.#server.listen(0, '127.0.0.1', resolve));
        page.url = `http://localhost:${page.#server.address().port}/`;
        return page;
    }

    close() {
        this.#server.close();
        this.#server.closeAllConnections();
    }

    #answer(request, response) {
        if (request.method === 'POST') {
            let body = '';
            request.setEncoding('utf8').on('data', text => body += text).on('end', () => {
                if (request.url === '/pushed')
                    this.pushes.put(JSON.parse(body).text);
                else
                    ++this.changes;
                response.writeHead(204, { 'Cache-Control': 'no-store' }).end();
            });
            return;
        }
        const [type, content] = Files[request.url] ?? [];
        if (type)
            response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store',
                                      'Service-Worker-Allowed': '/' }).end(content);
        else
            response.writeHead(404).end();
    }
}
