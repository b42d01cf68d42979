// SPDX-License-Identifier: MPL-2.0
// Application servers: one with the npm library web-push, and one that sends bytes as they are.
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import webpush from 'web-push';
import { Patience } from './waiting.mjs';

/// web-push only speaks HTTPS; through this agent it speaks to a server without TLS.
class PlainAgent extends https.Agent {
    createConnection(options) {
        return net.connect(options.port, options.host);
    }
}

/// An application server with a VAPID key pair.
export class Sender {
    #agent;
    #keys = webpush.generateVAPIDKeys();

    /// ca: the certificates that it believes; undefined: it speaks without TLS.
    constructor(ca) {
        this.#agent = ca ? new https.Agent({ keepAlive: true, ca })
                         : new PlainAgent({ keepAlive: true });
    }

    get publicKey() {
        return this.#keys.publicKey;
    }

    /// Encrypts and posts; { status, location } of the answer. Options: TTL, topic, urgency.
    async send(subscription, payload, options = {}) {
        const details = {
            TTL: 3600,
            ...options,
            agent: this.#agent,
            vapidDetails: { subject: 'mailto:tests@example.com', ...this.#keys },
        };
        try {
            const answer = await webpush.sendNotification(subscription, payload, details);
            return { status: answer.statusCode, location: answer.headers.location };
        } catch (error) {
            if (!(error instanceof webpush.WebPushError))
                throw error;
            return { status: error.statusCode, body: JSON.parse(error.body) };
        }
    }

    close() {
        this.#agent.destroy();
    }
}

/// Posts a body that it claims to be encrypted: { status, headers, body }. Rejects when the connection
/// breaks or no answer comes.
export function post(agent, endpoint, body, { ttl = 3600 } = {}) {
    return new Promise((resolve, reject) => {
        const request = http.request(endpoint, {
            method: 'POST',
            agent,
            headers: { 'TTL': ttl, 'Content-Encoding': 'aes128gcm',
                       'Content-Length': Buffer.byteLength(body) },
        }, response => {
            let text = '';
            response.on('error', reject).setEncoding('utf8').on('data', part => text += part)
                .on('end', () => resolve({ status: response.statusCode, headers: response.headers,
                                           body: text }));
        });
        request.setTimeout(Patience, () => request.destroy(new Error('no answer to a POST')));
        request.on('error', reject).end(body);
    });
}
