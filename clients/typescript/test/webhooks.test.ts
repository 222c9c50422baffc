import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signedHeaders, webhookSecret } from '../../../src/platform/http/webhook-signature.ts';
import { verifyWebhook, WebhookVerificationError } from '../src/index.ts';

const KEY = randomBytes(32);
const OTHER = randomBytes(32);
const BODY = JSON.stringify({ type: 'coupon.issued', data: { couponName: '개점 쿠폰' } });
const NOW_MS = Date.UTC(2035, 0, 1);
const HEADERS = signedHeaders([KEY], { id: 'msg_1', timestamp: NOW_MS / 1_000, body: BODY });
const verify = (changes: object = {}, body: string | Uint8Array<ArrayBuffer> = BODY, nowMs = NOW_MS) =>
  verifyWebhook(webhookSecret(KEY), { ...HEADERS, ...changes }, body, { nowMs });

describe('a webhook', () => {
  it('that the server has signed is returned', async () => {
    expect(await verify()).toEqual(JSON.parse(BODY));
    expect(await verify({}, new TextEncoder().encode(BODY))).toEqual(JSON.parse(BODY));
    expect(await verifyWebhook(webhookSecret(KEY), new Headers(HEADERS), BODY, { nowMs: NOW_MS })).toBeDefined();
  });

  it('is accepted with either secret while one replaces another', async () => {
    const secrets = [webhookSecret(OTHER), webhookSecret(KEY)];
    expect(await verifyWebhook(secrets, HEADERS, BODY, { nowMs: NOW_MS })).toBeDefined();
    const both = signedHeaders([OTHER], { id: 'msg_1', timestamp: NOW_MS / 1_000, body: BODY })['webhook-signature'];
    expect(await verify({ 'webhook-signature': `${both} ${HEADERS['webhook-signature']}` })).toBeDefined();
  });

  it.each([
    ['with another body', {}, `${BODY} `],
    ['with another id', { 'webhook-id': 'msg_2' }],
    ['with another time', { 'webhook-timestamp': String(NOW_MS / 1_000 + 1) }],
    ['without a signature', { 'webhook-signature': undefined }],
    ['with a signature of another version', { 'webhook-signature': HEADERS['webhook-signature']?.replace('v1', 'v2') }],
    ['with a signature that is no base64', { 'webhook-signature': 'v1,***' }],
    ['without an id', { 'webhook-id': '' }],
    ['with a time that is no number', { 'webhook-timestamp': 'NaN' }],
  ])('%s is refused', async (_name, changes: object, body = BODY) => {
    await expect(verify(changes, body)).rejects.toBeInstanceOf(WebhookVerificationError);
  });

  it.each([-301, 301])('%d s away is refused', async (seconds) => {
    await expect(verify({}, BODY, NOW_MS + seconds * 1_000)).rejects.toBeInstanceOf(WebhookVerificationError);
  });

  it('with a secret that is none is an error of the receiver', async () => {
    await expect(verifyWebhook('secret', HEADERS, BODY, { nowMs: NOW_MS })).rejects.toThrow(/whsec_/);
  });
});
