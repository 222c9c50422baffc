import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSigned, signedHeaders, TOLERANCE_SECONDS, webhookKey, webhookSecret } from './webhook-signature.ts';

const NOW_S = 1_800_000_000;
const NOW_MS = NOW_S * 1_000;
const KEY = Buffer.alloc(32, 7);
const BODY = '{"type":"payment.completed"}';
const signed = (changes: { id?: string; timestamp?: number; body?: string } = {}, key = KEY) =>
  signedHeaders([key], { id: 'msg_1', timestamp: NOW_S, body: BODY, ...changes });
const isTaken = (headers: Record<string, string>, { keys = [KEY], body = BODY, nowMs = NOW_MS } = {}) =>
  isSigned(keys, headers, Buffer.from(body), nowMs);

describe('a webhook', () => {
  it('a webhook is signed as Standard Webhooks does it', () => {
    // The example of the specification's own libraries.
    const key = webhookKey('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    expect(isSigned(key ? [key] : [], headers, Buffer.from('{"test": 2432232314}'), 1_614_265_330_000)).toBe(true);
  });

  it('a webhook is accepted as it was signed, and rejected with another body, id or time', () => {
    const headers = signed();
    expect(isTaken(headers)).toBe(true);
    expect(isTaken(headers, { body: `${BODY} ` })).toBe(false);
    expect(isTaken({ ...headers, 'webhook-id': 'msg_2' })).toBe(false);
    expect(isTaken({ ...headers, 'webhook-timestamp': String(NOW_S + 1) })).toBe(false);
    expect(isTaken(headers, { keys: [Buffer.alloc(32, 8)] })).toBe(false);
    expect(isTaken(headers, { keys: [] })).toBe(false);
  });

  it.each([
    [0, true],
    [TOLERANCE_SECONDS, true],
    [TOLERANCE_SECONDS + 1, false],
    [-TOLERANCE_SECONDS, true],
    [-TOLERANCE_SECONDS - 1, false],
  ])('whether a webhook that is %s s old is accepted: %s', (ageSeconds, taken) => {
    expect(isTaken(signed({ timestamp: NOW_S - ageSeconds }))).toBe(taken);
  });

  it('a webhook is accepted when its time fits one of two clocks, and rejected when it lies between them', () => {
    const isTakenAt = (timestamp: number) =>
      isSigned([KEY], signed({ timestamp }), Buffer.from(BODY), NOW_MS, NOW_MS + 3_600_000);
    expect([0, TOLERANCE_SECONDS, 3_600 - TOLERANCE_SECONDS, 3_600].map((s) => isTakenAt(NOW_S + s))).not.toContain(
      false,
    );
    expect([-TOLERANCE_SECONDS - 1, 1_800, 3_601 + TOLERANCE_SECONDS].map((s) => isTakenAt(NOW_S + s))).not.toContain(
      true,
    );
  });

  it('a webhook is accepted when one of several secrets signed it, or one of its signatures is valid', () => {
    const old = Buffer.alloc(32, 9);
    expect(isTaken(signed({}, old), { keys: [KEY, old] })).toBe(true);
    const both = signedHeaders([old, KEY], { id: 'msg_1', timestamp: NOW_S, body: BODY });
    expect([KEY, old].map((key) => isTaken(both, { keys: [key] }))).toEqual([true, true]);
    const [right, wrong] = [signed(), signed({}, old)].map((headers) => headers['webhook-signature']);
    expect(isTaken({ ...signed(), 'webhook-signature': `v2,x ${wrong} ${right}` })).toBe(true);
    expect(isTaken({ ...signed(), 'webhook-signature': `${wrong}` })).toBe(false);
  });

  it.each(['', 'v1,', 'v1', 'v2,AAAA', `v1,${'A'.repeat(44)}`, `v1a,${'A'.repeat(43)}=`, 'null', '='.repeat(5000)])(
    'a webhook with the signature %j is rejected',
    (signature) => {
      expect(isTaken({ ...signed(), 'webhook-signature': signature })).toBe(false);
    },
  );

  it.each(['', 'now', '1e9', '-1', `${NOW_S}.0`, ` ${NOW_S}`, '9'.repeat(30)])(
    'a webhook of the time %j is rejected',
    (at) => {
      expect(isTaken({ ...signed(), 'webhook-timestamp': at })).toBe(false);
    },
  );

  it('a webhook without one of its headers is rejected', () => {
    for (const name of Object.keys(signed())) {
      const { [name]: _left, ...rest } = signed();
      expect(isTaken(rest), name).toBe(false);
    }
  });
});

describe('a secret', () => {
  it('a webhook secret is base64 of 24 to 64 bytes after its prefix', () => {
    for (const bytes of [24, 32, 64]) {
      const key = randomBytes(bytes);
      expect(webhookKey(webhookSecret(key))).toEqual(key);
    }
    const bad = [webhookSecret(randomBytes(23)), webhookSecret(randomBytes(65)), 'whsec_', 'secret', 'whsec_a-b_c'];
    expect(bad.map(webhookKey)).toEqual(bad.map(() => undefined));
  });
});
