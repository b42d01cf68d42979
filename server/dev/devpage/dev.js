// SPDX-License-Identifier: MPL-2.0
// Subscribes this browser and plays its application server: VAPID (RFC 8292) and message encryption
// (RFC 8291) with WebCrypto, so that the page shows a whole push without another program.

const element = id => document.getElementById(id);
const utf8 = text => new TextEncoder().encode(text);

function toBase64Url(bytes) {
  return btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, c => c.charCodeAt(0));
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(new Uint8Array(part), at);
    at += part.byteLength;
  }
  return whole;
}

function log(text, isBad = false) {
  const item = document.createElement('li');
  item.textContent = `${new Date().toLocaleTimeString()} ${text}`;
  item.className = isBad ? 'bad' : '';
  element('log').append(item);
}

function say(text, isBad = false) {
  element('state').textContent = text;
  element('state').className = isBad ? 'bad' : '';
}

// The sender's key pair, kept for the next visit.

async function senderKey() {
  const kept = localStorage.getItem('vapid');
  let jwk = kept && JSON.parse(kept);
  if (!jwk) {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true,
      ['sign', 'verify']);
    jwk = await crypto.subtle.exportKey('jwk', pair.privateKey);
    localStorage.setItem('vapid', JSON.stringify(jwk));
  }
  const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' },
    false, ['sign']);
  const point = joined(Uint8Array.of(4), fromBase64Url(jwk.x), fromBase64Url(jwk.y));
  return { key, point, privateText: jwk.d };
}

async function vapidHeader(sender, endpoint) {
  const part = object => toBase64Url(utf8(JSON.stringify(object)));
  const hour = 3600;
  const unsigned = part({ typ: 'JWT', alg: 'ES256' }) + '.' + part({
    aud: new URL(endpoint).origin,
    exp: Math.floor(Date.now() / 1000) + hour,
    sub: 'mailto:dev@localhost',
  });
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, sender.key,
    utf8(unsigned));
  return `vapid t=${unsigned}.${toBase64Url(signature)}, k=${toBase64Url(sender.point)}`;
}

// RFC 8291: one record of RFC 8188, its key from ECDH and the subscription's secret.

async function hkdf(salt, input, info, size) {
  const key = await crypto.subtle.importKey('raw', input, 'HKDF', false, ['deriveBits']);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt, info };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, size * 8));
}

async function encrypt(text, subscription) {
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  const receiverPoint = new Uint8Array(subscription.getKey('p256dh'));
  const secret = new Uint8Array(subscription.getKey('auth'));
  const receiver = await crypto.subtle.importKey('raw', receiverPoint, curve, false, []);
  const own = await crypto.subtle.generateKey(curve, true, ['deriveBits']);
  const ownPoint = new Uint8Array(await crypto.subtle.exportKey('raw', own.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: 'ECDH', public: receiver },
    own.privateKey, 256);

  const salt = crypto.getRandomValues(new Uint8Array(16));
  const input = await hkdf(secret, shared,
    joined(utf8('WebPush: info\0'), receiverPoint, ownPoint), 32);
  const contentKey = await hkdf(salt, input, utf8('Content-Encoding: aes128gcm\0'), 16);
  const nonce = await hkdf(salt, input, utf8('Content-Encoding: nonce\0'), 12);

  const key = await crypto.subtle.importKey('raw', contentKey, 'AES-GCM', false, ['encrypt']);
  const lastRecord = Uint8Array.of(2);
  const record = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce }, key,
    joined(utf8(text), lastRecord));
  const recordSize = Uint8Array.of(0, 0, 0x10, 0); // 4096
  return joined(salt, recordSize, Uint8Array.of(ownPoint.length), ownPoint, record);
}

async function push(subscription) {
  const text = element('text').value;
  const headers = {
    TTL: element('ttl').value || '0',
    Urgency: element('urgency').value,
    Authorization: await vapidHeader(await senderKey(), subscription.endpoint),
  };
  if (element('topic').value)
    headers.Topic = element('topic').value;
  let body;
  if (text) {
    body = await encrypt(text, subscription);
    headers['Content-Encoding'] = 'aes128gcm';
    headers['Content-Type'] = 'application/octet-stream';
  }
  const answer = await fetch(subscription.endpoint, { method: 'POST', headers, body });
  const details = answer.ok ? '' : ' ' + await answer.text();
  log(`sent: ${answer.status}${details}`, !answer.ok);
}

// The page.

function shellQuoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function show(subscription) {
  element('subscribed').hidden = !subscription;
  element('unsubscribe').disabled = !subscription;
  element('send').disabled = !subscription;
  if (!subscription)
    return;
  const json = JSON.stringify(subscription);
  const sender = await senderKey();
  element('subscription').textContent = JSON.stringify(subscription, null, 2);
  element('command').textContent = `carillon send --key ${shellQuoted(sender.privateText)} `
    + `${shellQuoted(json)} 'Hello from a terminal'`;
  const elsewhere = new URL(subscription.endpoint).origin !== location.origin;
  say(elsewhere ? `This subscription is at ${new URL(subscription.endpoint).host}, another push `
    + 'server: the preferences above are not set in this browser.' : 'Subscribed.', elsewhere);
}

async function subscribe(registration) {
  // Not awaited: subscribing works without it, and the question may stay without an answer.
  if (Notification.permission === 'default')
    Notification.requestPermission();
  const sender = await senderKey();
  return registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: sender.point,
  });
}

function attempt(action) {
  return async event => {
    event?.preventDefault();
    try {
      await action();
    } catch (error) {
      say(`${error.name}: ${error.message}`, true);
    }
  };
}

async function main() {
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) {
    say('This browser, or this window, has no Web Push (a private window, perhaps).', true);
    element('subscribe').disabled = true;
    return;
  }
  navigator.serviceWorker.addEventListener('message', event => {
    if (event.data.kind === 'push')
      log(event.data.text === null ? 'received: no text' : `received: ${event.data.text}`);
    else
      say('The server has forgotten this subscription: subscribe again.', true);
  });
  const registration = await navigator.serviceWorker.register('sw.js');
  await navigator.serviceWorker.ready;
  const current = () => registration.pushManager.getSubscription();

  element('subscribe').onclick = attempt(async () => {
    say('Asking the browser …');
    await show(await subscribe(registration));
  });
  element('unsubscribe').onclick = attempt(async () => {
    await (await current())?.unsubscribe();
    await show(null);
    say('No longer subscribed.');
  });
  element('push').onsubmit = attempt(async () => push(await current()));
  await show(await current());
}

attempt(main)();
