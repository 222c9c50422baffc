// @module-tag rows
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxProvider } from '../../src/contexts/order/adapters/sandbox/sandbox-provider.ts';
import { type Database, openDatabase } from '../../src/platform/postgres/database.ts';
import { type Answer, type Stage, stage, WEBHOOK_KEY } from '../attacks/support.ts';

let on: Stage;
let database: Database;
let paymentId = 1n;
beforeAll(async () => {
  on = await stage();
  database = openDatabase({ url: on.database.programUrl, onError: () => {} });
});
afterAll(async () => {
  await database.close();
  await on.stop();
});

/** The path of a new payment's page. */
async function begun(): Promise<string> {
  const { provider } = sandboxProvider({
    database,
    clock: Date.now,
    signClock: Date.now,
    behaviour: { kind: 'PAGE' },
    webhookKey: WEBHOOK_KEY,
    ownUrl: () => on.url,
    log: pino({ level: 'silent' }),
  });
  const answer = await provider.begin({ paymentId: paymentId++, orderId: 77n, userId: 1001n, amount: 26_500n });
  if (answer.kind !== 'PENDING') throw new Error(answer.kind);
  return new URL(answer.url).pathname;
}
const FORM = 'application/x-www-form-urlencoded';
const choose = (path: string, text: string, type = FORM): Promise<Answer> =>
  on.call('POST', path, { text, headers: { 'content-type': type } });

describe("the sandbox's page of a payment", () => {
  it('the payment page shows the order and the amount, and accepts a choice', async () => {
    const path = await begun();
    const page = await on.call('GET', path);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('<dd>77</dd>');
    expect(page.text).toContain('26,500');
    expect(page.text).toContain('value="DECLINE"');
    const chosen = await choose(path, 'outcome=DECLINE');
    expect([chosen.status, chosen.text.includes('Declined.'), chosen.text.includes('<form')]).toEqual([
      200,
      true,
      false,
    ]);
    expect((await choose(path, 'outcome=APPROVE')).text).toContain('Declined.');
  });

  it('the payment page accepts JSON as well', async () => {
    expect((await choose(await begun(), '{"outcome":"APPROVE"}', 'application/json')).text).toContain('Approved.');
  });

  it('the payment page is Korean when Accept-Language prefers it', async () => {
    const page = await on.call('GET', await begun(), { headers: { 'accept-language': 'ko-KR' } });
    expect([page.text.includes('<html lang="ko">'), page.text.includes('승인')]).toEqual([true, true]);
  });

  it('the payment page loads nothing, runs nothing, cannot be framed, and does not disclose its link', async () => {
    const { headers, text } = await on.call('GET', await begun());
    const policy = headers.get('content-security-policy');
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]+='; form-action 'self'; base-uri 'none'/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect([headers.get('referrer-policy'), headers.get('cache-control')]).toEqual(['no-referrer', 'no-store']);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(text).not.toMatch(/<script|https?:|src=|href=|style="/);
  });

  it('an unknown link of a payment page gets 404', async () => {
    for (const ref of ['unknown', 'x'.repeat(32), '%3Cscript%3E', "'--", 'x'.repeat(150)]) {
      for (const answer of [
        await on.call('GET', `/sandbox/payments/${ref}`),
        await choose(`/sandbox/payments/${ref}`, 'outcome=APPROVE'),
      ]) {
        expect([ref, [400, 404].includes(answer.status)]).toEqual([ref, true]);
        expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      }
    }
  });

  it.each([
    ['outcome=PAID', FORM, 400],
    ['outcome=APPROVE&outcome=DECLINE', FORM, 400],
    ['outcome=APPROVE&amount=1', FORM, 400],
    ['__proto__=1', FORM, 400],
    ['', FORM, 400],
    ['outcome=APPROVE', 'application/x-www-form-urlencoded; charset=utf-16', 415],
    ['outcome=APPROVE', 'text/plain', 415],
    [`outcome=${'x'.repeat(20_000)}`, FORM, 413],
  ])('the payment page refuses the choice %j as %s with %s', async (text, type, status) => {
    const path = await begun();
    expect((await choose(path, text, type)).status).toBe(status);
    expect((await on.call('GET', path)).text).toContain('<form');
  });

  it('only the payment page accepts forms', async () => {
    const answer = await on.call('POST', '/api/v1/auth/login', {
      text: 'email=a@example.com&password=long-enough-1',
      headers: { 'content-type': FORM },
    });
    expect(answer.status).toBe(415);
  });

  it('the payment page does not exist when the sandbox is not the provider', async () => {
    const other = await stage({ paymentProvider: 'none' });
    try {
      expect((await other.call('GET', '/sandbox/payments/x')).body.code).toBe('NOT_FOUND');
      const { paths } = (await other.call('GET', '/api/openapi.json')).body;
      expect(Object.keys(paths).filter((path) => path.startsWith('/sandbox'))).toEqual([]);
    } finally {
      await other.stop();
    }
  });
});
