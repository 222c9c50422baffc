import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/postgres.ts';
import { isSigned } from '../../../platform/http/webhook-signature.ts';
import { type Database, openDatabase } from '../../../platform/postgres/database.ts';
import { type SandboxBehaviour, sandboxProvider } from '../adapters/sandbox/sandbox-provider.ts';

const KEY = Buffer.alloc(32, 5);
const START_MS = Date.parse('2026-03-01T00:00:00Z');
const PAYMENT = { orderId: 7n, userId: 1001n, amount: 26_500n };
const SHOWN = { orderId: PAYMENT.orderId, amount: PAYMENT.amount };

let source: TestDatabase;
let database: Database;
let shop: Server;
let nowMs = START_MS;
let nextPayment = 1n;
/** What the shop's webhook heard, and what it answers. */
let heard: { readonly headers: IncomingHttpHeaders; readonly body: Buffer; readonly url: string }[] = [];
let answers: number[] = [];

beforeAll(async () => {
  source = await testDatabase();
  database = openDatabase({ url: source.programUrl, onError: () => {} });
  shop = createServer(async (request, response) => {
    heard.push({ headers: request.headers, body: await buffer(request), url: request.url ?? '' });
    response.writeHead(answers.shift() ?? 200).end('{}');
  }).listen(0, '127.0.0.1');
  await once(shop, 'listening');
});
afterAll(async () => {
  shop.close();
  await database.close();
  await source.drop();
});
beforeEach(() => {
  nowMs = START_MS;
  heard = [];
  answers = [];
});

const shopUrl = (): string => `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
const open = (behaviour: SandboxBehaviour = { kind: 'PAGE' }, ownUrl = shopUrl, publicUrl?: string) =>
  sandboxProvider({
    database,
    clock: () => nowMs,
    signClock: () => nowMs,
    behaviour,
    webhookKey: KEY,
    ownUrl,
    publicUrl,
    log: pino({ level: 'silent' }),
  });
type Sandbox = ReturnType<typeof open>;
const report = async ({ jobs: [job] }: Sandbox): Promise<number | undefined> => job?.run(new AbortController().signal);
const nextReport = async ({ jobs: [job] }: Sandbox): Promise<number | undefined> => job?.dueTimes?.next();
const payment = () => ({ ...PAYMENT, paymentId: nextPayment++ });
const said = () => heard.map(({ body }) => JSON.parse(body.toString()));

describe('the sandbox provider', () => {
  it('a payment at the sandbox has a link that cannot be guessed, and a repeat returns the same', async () => {
    const sandbox = open();
    const asked = payment();
    const all = await Promise.all(Array.from({ length: 10 }, () => sandbox.provider.begin(asked)));
    const [first] = all;
    expect(all).toEqual(Array(10).fill(first));
    expect(first).toEqual({
      kind: 'PENDING',
      providerRef: expect.stringMatching(/^[\w-]{32}$/),
      url: `${shopUrl()}/sandbox/payments/${first?.providerRef}`,
    });
    expect((await sandbox.provider.begin(payment())).providerRef).not.toBe(first?.providerRef);
    expect([await report(sandbox), heard]).toEqual([0, []]);
  });

  it('the sandbox links to the public address of the server, and reports to its local one', async () => {
    const sandbox = open({ kind: 'APPROVE_TWICE' }, shopUrl, 'https://shop.example.com/promo');
    expect(await sandbox.provider.begin(payment())).toMatchObject({
      url: expect.stringMatching(/^https:\/\/shop\.example\.com\/promo\/sandbox\/payments\/[\w-]{32}$/),
    });
    expect([await report(sandbox), heard.length]).toEqual([2, 2]);
  });

  it('the sandbox reports the choice by a signed webhook, and the first choice counts', async () => {
    const sandbox = open();
    const asked = payment();
    const { providerRef } = await sandbox.provider.begin(asked);
    expect(await sandbox.find(providerRef)).toMatchObject({ ...SHOWN, status: 'PENDING' });
    await sandbox.choose(providerRef, { kind: 'APPROVE' });
    await sandbox.choose(providerRef, { kind: 'DECLINE' });
    expect(await sandbox.find(providerRef)).toMatchObject({ ...SHOWN, status: 'APPROVED', isReported: false });
    expect(await report(sandbox)).toBe(1);
    expect(said()).toEqual([
      {
        type: 'payment.completed',
        timestamp: '2026-03-01T00:00:00.000Z',
        data: { paymentId: String(asked.paymentId), orderId: '7', amount: 26_500, providerRef },
      },
    ]);
    const [{ headers, body, url } = { headers: {}, body: Buffer.alloc(0), url: '' }] = heard;
    expect([url, isSigned([KEY], headers, body, nowMs)]).toEqual(['/api/v1/payments/webhook', true]);
    expect(await sandbox.find(providerRef)).toMatchObject({ isReported: true });
    expect(await sandbox.provider.begin(asked)).toEqual({ kind: 'COMPLETED', providerRef });
    expect(await report(sandbox)).toBe(0);
  });

  it('the sandbox reports a declined payment', async () => {
    const sandbox = open();
    const asked = payment();
    const { providerRef } = await sandbox.provider.begin(asked);
    await sandbox.choose(providerRef, { kind: 'DECLINE' });
    await report(sandbox);
    expect(said()).toMatchObject([{ type: 'payment.failed', data: { reason: expect.any(String) } }]);
    expect(await sandbox.provider.begin(asked)).toMatchObject({ kind: 'DECLINED', providerRef });
  });

  it('the sandbox refuses a link that it has not issued', async () => {
    const sandbox = open();
    await sandbox.choose('unknown', { kind: 'APPROVE' });
    expect(await sandbox.find('unknown')).toBeUndefined();
  });

  it.each([
    ['APPROVE', 'COMPLETED'],
    ['DECLINE', 'DECLINED'],
  ] as const)('the sandbox with the behaviour %s responds at once, and reports nothing', async (kind, answer) => {
    const sandbox = open({ kind });
    const asked = payment();
    const first = await sandbox.provider.begin(asked);
    expect(first.kind).toBe(answer);
    expect(await sandbox.provider.begin(asked)).toEqual(first);
    expect([await report(sandbox), heard]).toEqual([0, []]);
  });

  it('the sandbox reports late when it is configured to', async () => {
    const sandbox = open({ kind: 'APPROVE_LATER', afterMs: 90_000 });
    expect((await sandbox.provider.begin(payment())).kind).toBe('PENDING');
    expect([await report(sandbox), await nextReport(sandbox)]).toEqual([0, START_MS + 90_000]);
    nowMs += 89_999;
    expect(await report(sandbox)).toBe(0);
    nowMs += 1;
    expect([await report(sandbox), await nextReport(sandbox)]).toEqual([1, undefined]);
  });

  it('the sandbox reports twice when it is configured to, with the same id', async () => {
    const sandbox = open({ kind: 'APPROVE_TWICE' });
    expect((await sandbox.provider.begin(payment())).kind).toBe('PENDING');
    expect(await report(sandbox)).toBe(2);
    expect(new Set(heard.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(said()[0]).toEqual(said()[1]);
    expect(await report(sandbox)).toBe(0);
  });

  it('a report is retried after growing delays until it is accepted, also after a restart, each time with a new signature', async () => {
    await open({ kind: 'APPROVE_TWICE' }).provider.begin(payment());
    answers = [500, 503, 401, 200, 404];
    const waits: number[] = [];
    for (let round = 0; round < 3; round++) {
      expect(await report(open())).toBe(0);
      const dueMs = (await nextReport(open())) ?? 0;
      waits.push(dueMs - nowMs);
      nowMs = dueMs;
    }
    expect(waits).toEqual([1_000, 2_000, 4_000]);
    expect(await report(open())).toBe(1);
    nowMs += 1_000;
    expect(await report(open())).toBe(1);
    expect(heard.length).toBe(6);
    for (const { headers, body } of heard) {
      expect(isSigned([KEY], headers, body, Number(headers['webhook-timestamp']) * 1_000)).toBe(true);
    }
    expect(Number(heard.at(-1)?.headers['webhook-timestamp']) * 1_000).toBe(nowMs);
    expect(await nextReport(open())).toBeUndefined();
  });

  it('a report is retried when the server was not reachable', async () => {
    await open({ kind: 'APPROVE_TWICE' }).provider.begin(payment());
    expect(await report(open(undefined, () => 'http://127.0.0.1:1'))).toBe(0);
    nowMs += 1_000;
    expect(await report(open())).toBe(2);
  });

  it('a report is delivered once, however many nodes run the task', async () => {
    const nodes = Array.from({ length: 5 }, () => open());
    for (let count = 0; count < 20; count++)
      await open({ kind: 'APPROVE_LATER', afterMs: 0 }).provider.begin(payment());
    const counts = await Promise.all(nodes.map(report));
    expect(counts.reduce((sum: number, count) => sum + (count ?? 0), 0)).toBe(20);
    expect(new Set(said().map(({ data }) => data.paymentId)).size).toBe(20);
    expect(heard.length).toBe(20);
  });

  it('the sandbox refunds once for each refund, and never more than was paid', async () => {
    const { provider } = open({ kind: 'APPROVE' });
    const asked = payment();
    const { providerRef } = await provider.begin(asked);
    const refund = (refundId: bigint, amount: bigint) =>
      provider.refund({ refundId, paymentId: asked.paymentId, providerRef, amount });
    await Promise.all(Array.from({ length: 10 }, () => refund(1n, 20_000n)));
    await expect(refund(2n, 6_501n)).rejects.toThrow('exceeds the rest');
    await refund(3n, 6_500n);
    const { rows } = await database.pool.query('select sum(amount)::bigint as amount from orders.sandbox_refunds');
    expect(rows).toEqual([{ amount: 26_500n }]);
  });

  it('the sandbox refunds nothing of a payment that it did not collect', async () => {
    const { provider } = open();
    await provider.refund({ refundId: 9n, paymentId: 999n, providerRef: null, amount: 5n });
    const { rows } = await database.pool.query('select 1 from orders.sandbox_refunds where refund_id = 9');
    expect(rows).toEqual([]);
  });
});
