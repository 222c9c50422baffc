import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import type { ExecuteRequest } from '../../gen/wire/stampede/calls/v1/calls.ts';
import { batchedCalls } from './dial-batches.ts';

test('a call that was given up while its connection took no message is not sent afterwards', async () => {
  const sent: string[] = [];
  const stalled: (() => void)[] = [];
  const stream = new Duplex({
    objectMode: true,
    read() {},
    write({ methods }: ExecuteRequest, _, done) {
      sent.push(...methods);
      stalled.push(done);
    },
  });
  const { call } = batchedCalls({ makeBidiStreamRequest: () => stream } as never, () => 'token');
  const start = (path: string, timeoutMs: number) =>
    call({ path, request: new Uint8Array(), principalToken: undefined }, Date.now() + timeoutMs);
  const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  // Two messages fill the connection.
  for (const path of ['/1', '/2']) {
    start(path, 60_000).catch(() => {});
    await turn();
  }
  await expect(start('/given-up', 20)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  start('/3', 60_000).catch(() => {});
  for (let messages = 0; messages < 3; messages++) {
    await expect.poll(() => stalled.length).toBeGreaterThan(0);
    stalled.shift()?.();
  }
  await sleep(0);
  expect(sent).toEqual(['/1', '/2', '/3']);
  stream.destroy(new Error('the test is over'));
});
