import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPolicy, type Stage, stage } from '../attacks/support.ts';

let on: Stage;
beforeAll(async () => {
  on = await stage();
});
afterAll(() => on.stop());

/** Reads events of a stream one by one. */
async function* events(
  url: string,
  signal: AbortSignal,
): AsyncGenerator<{ remainingStock: number; available: boolean }> {
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
  it('tells the stock at once and at each change, to everybody who watches', async () => {
    const policyId = await openPolicy(on, { maxIssueCount: 2 });
    const url = `${on.server.url}/api/v1/coupons/policies/${policyId}/stock/stream`;
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

  it('of a policy that is not there is a problem, not a stream', async () => {
    const answer = await on.call('GET', '/api/v1/coupons/policies/123/stock/stream');
    expect([answer.status, answer.body.code]).toEqual([404, 'POLICY_NOT_FOUND']);
  });
});
