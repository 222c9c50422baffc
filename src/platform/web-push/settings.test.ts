import { expect, test } from 'vitest';
import { PUSH_HOSTS, readEndpoint } from './settings.ts';

test.each([
  'https://fcm.googleapis.com/fcm/send/abc',
  'https://updates.push.services.mozilla.com/wpush/v2/abc',
  'https://wns2-par02p.notify.windows.com/w/?token=abc',
  'https://web.push.apple.com/abc',
])('docs/attacks.md 51: %s is an endpoint', (text) => expect(readEndpoint(text, PUSH_HOSTS)?.href).toBe(text));

test.each([
  'http://fcm.googleapis.com/x',
  'https://fcm.googleapis.com:8443/x',
  'https://fcm.googleapis.com.evil.example/x',
  'https://evilfcm.googleapis.com/x',
  'https://evil.example/?fcm.googleapis.com',
  'https://fcm.googleapis.com@evil.example/x',
  'https://user:password@fcm.googleapis.com/x',
  'https://169.254.169.254/latest/meta-data',
  'https://localhost/x',
  'https://[::1]/x',
  'file:///etc/passwd',
  'fcm.googleapis.com/x',
  `https://fcm.googleapis.com/${'x'.repeat(1_000)}`,
])('docs/attacks.md 51: %s is none', (text) => expect(readEndpoint(text, PUSH_HOSTS)).toBeUndefined());
