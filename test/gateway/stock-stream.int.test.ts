import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, type Stage, stage, testUsers } from '../attacks/support.ts';

let on: Stage;
const testUser = testUsers();
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.stop());

/** Reads events of a stream one by one. */
async function* events(
  url: string,
  signal: AbortSignal,
  // biome-ignore lint/suspicious/noExplicitAny: stocks of every kind
): AsyncGenerator<any> {
  const response = await fetch(url, { signal });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  let unread = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    unread += chunk;
    const blocks = unread.split('\n\n');
    unread = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block.split('\n').find((line) => line.startsWith('data: '));
      if (data !== undefined) yield JSON.parse(data.slice('data: '.length));
    }
  }
}

describe('a stock stream', () => {
  it('a stock stream sends the stock at once and after each change to every client', async () => {
    const policyId = await openPolicy(on, { maxIssueCount: 2 });
    const url = `${on.url}/api/v1/coupons/policies/${policyId}/stock/stream`;
    const leaving = new AbortController();
    const watchers = [events(url, leaving.signal), events(url.replace('/v1', ''), leaving.signal)];
    for (const watcher of watchers) expect((await watcher.next()).value.remainingStock).toBe(2);
    for (const [userId, left] of [
      ['501', 1],
      ['502', 0],
    ] as const) {
      await on.call('POST', `/api/v1/coupons/policies/${policyId}/issue`, { token: on.token(userId) });
      for (const watcher of watchers) {
        let seen = (await watcher.next()).value;
        while (seen.remainingStock !== left) seen = (await watcher.next()).value;
        expect(seen.available).toBe(left > 0);
      }
    }
    leaving.abort();
  });

  it('a stock stream of an unknown policy is refused with a problem', async () => {
    const answer = await on.call('GET', '/api/v1/coupons/policies/123/stock/stream');
    expect([answer.status, answer.body.code]).toEqual([404, 'POLICY_NOT_FOUND']);
  });
});

describe('a stock stream of a time sale', () => {
  const admin = () => on.token(testUser(1), 'ADMIN');
  const open = async (): Promise<{ productId: string; timeSaleId: string }> => {
    const json = { name: 'Chair', price: 1000, stock: 10 };
    const { productId } = (await on.call('POST', '/api/v1/products', { token: admin(), json })).body;
    const times = { startsAt: new Date(on.now() - 1_000), endsAt: new Date(on.now() + 3_600_000) };
    const sale = { productId, salePrice: 700, quantity: 5, ...times };
    const made = await on.call('POST', '/api/v1/time-sales', { token: admin(), json: sale });
    return { productId, timeSaleId: made.body.timeSaleId };
  };

  it('a stock stream of a time sale sends the stock at once and after each change', { tags: 'rows' }, async () => {
    const { timeSaleId } = await open();
    const leaving = new AbortController();
    const watcher = events(`${on.url}/api/v1/time-sales/${timeSaleId}/stream`, leaving.signal);
    expect((await watcher.next()).value).toEqual({ timeSaleId, remaining: 5, soldQuantity: 0, status: 'ACTIVE' });
    await on.query('update orders.time_sales set stock = 0, reserved = 3, sold = 2 where id = $1', [timeSaleId]);
    let seen = (await watcher.next()).value;
    while (seen.remaining !== 0) seen = (await watcher.next()).value;
    expect(seen).toEqual({ timeSaleId, remaining: 0, soldQuantity: 2, status: 'SOLD_OUT' });
    leaving.abort();
  });

  it('a stock stream of a time sale that is unknown or hidden is refused with a problem', async () => {
    const { productId, timeSaleId } = await open();
    await on.call('PATCH', `/api/v1/products/${productId}`, { token: admin(), json: { version: 1, hidden: true } });
    for (const id of [timeSaleId, '123']) {
      const answer = await on.call('GET', `/api/v1/time-sales/${id}/stream`);
      expect([answer.status, answer.body.code]).toEqual([404, 'TIME_SALE_NOT_FOUND']);
    }
  });
});
