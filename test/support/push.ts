import { createECDH } from 'node:crypto';
import { PUSH_HOSTS, type PushSettings } from '../../src/platform/web-push/settings.ts';
import { readVapidKey } from '../../src/platform/web-push/vapid.ts';

/** As PUSH_VAPID_KEY has it. */
export const VAPID_KEY = Buffer.alloc(32, 7).toString('base64url');

/** Settings with which browsers can subscribe. Nothing reaches them from a test. */
export function pushSettings(): PushSettings {
  const key = readVapidKey(VAPID_KEY);
  if (key === undefined) throw new Error('the key of the tests is no VAPID key');
  return { key, contact: 'https://shop.example.com', hosts: PUSH_HOSTS };
}

/** What a browser states about itself. */
export const browserKeys = () => ({
  p256dh: createECDH('prime256v1').generateKeys().toString('base64url'),
  auth: Buffer.alloc(16, 3).toString('base64url'),
});
