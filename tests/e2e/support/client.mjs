// SPDX-License-Identifier: MPL-2.0
// A push client without a browser: what is on the wire, nothing hidden.
import { randomUUID } from 'node:crypto';
import WebSocket from 'ws';
import { Inbox, Patience } from './waiting.mjs';

export class Client {
    /// Of the answer to hello.
    uaid;
    /// Called with each notification, in the order in which they come.
    onNotification = () => {};
    #url;
    #socket;
    #answers = new Inbox();

    constructor(url) {
        this.#url = url;
    }

    /// Connects and says hello; rejects when the server is not there or does not answer.
    async open(uaid = this.uaid) {
        const answers = new Inbox();
        const socket = new WebSocket(this.#url, 'push-notification', { perMessageDeflate: false });
        this.#answers = answers;
        this.#socket = socket;
        /// Resolves when this connection has ended, for whatever reason.
        this.closed = new Promise(resolve => socket.on('close', code => {
            answers.end(new Error(`the connection was closed (${code})`));
            resolve(code);
        }));
        const opened = new Promise((resolve, reject) => {
            socket.on('open', resolve).on('error', reject);
        });
        socket.on('message', text => {
            const message = JSON.parse(text);
            if (message.messageType === 'notification')
                this.onNotification(message);
            else
                answers.put(message);
        });
        await opened;
        this.#send({ messageType: 'hello', use_webpush: true, uaid: uaid ?? '', broadcasts: {} });
        const hello = await this.#answer('hello');
        if (hello.status !== 200)
            throw new Error(`hello was answered ${hello.status}`);
        this.uaid = hello.uaid;
    }

    /// Registers; the endpoint.
    async register(channelID) {
        this.#send({ messageType: 'register', channelID });
        const { status, pushEndpoint } = await this.#answer(
            'register', message => message.channelID === channelID);
        if (status !== 200)
            throw new Error(`register was answered ${status}`);
        return pushEndpoint;
    }

    /// The answer to unregister comes after this client's earlier acks are committed (design.md §3.7).
    async barrier() {
        const channelID = randomUUID();
        this.#send({ messageType: 'unregister', channelID });
        const { status } = await this.#answer('unregister',
                                              message => message.channelID === channelID);
        if (status !== 200)
            throw new Error(`unregister was answered ${status}`);
    }

    ack(notifications) {
        this.#send({
            messageType: 'ack',
            updates: notifications.map(({ channelID, version }) => (
                { channelID, version, code: 100 })),
        });
    }

    /// Stops reading: what the server sends piles up there.
    pause() {
        this.#socket.pause();
    }

    resume() {
        this.#socket.resume();
    }

    get isOpen() {
        return this.#socket?.readyState === WebSocket.OPEN;
    }

    /// Leaves without a word, and waits until that is done.
    async leave() {
        this.#socket?.terminate();
        await this.closed;
    }

    #send(message) {
        this.#socket.send(JSON.stringify(message));
    }

    #answer(type, fits = () => true) {
        return this.#answers.take(`the answer to ${type}`, message =>
            message.messageType === type && fits(message), Patience);
    }
}
