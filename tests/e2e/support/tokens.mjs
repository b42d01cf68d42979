// SPDX-License-Identifier: MPL-2.0
import { createDecipheriv } from 'node:crypto';

/// The UAID in an endpoint URL: the token is Fernet, and these tests know its key.
export function uaidOf(endpoint, cryptoKey) {
    const token = Buffer.from(new URL(endpoint).pathname.split('/').pop(), 'base64url');
    const iv = token.subarray(9, 25);
    const decipher = createDecipheriv('aes-128-cbc', cryptoKey.subarray(16), iv);
    const plain = Buffer.concat([decipher.update(token.subarray(25, -32)), decipher.final()]);
    return plain.subarray(0, 16).toString('hex');
}
