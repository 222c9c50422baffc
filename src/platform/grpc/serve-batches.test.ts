import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import type { ExecuteResponse } from '../../gen/wire/stampede/calls/v1/calls.ts';
import { batchStreams } from './serve-batches.ts';

test('a service that stops asks its clients to leave, and a stream ends when its client has left and its calls have ended', async () => {
  const gate = Promise.withResolvers<Uint8Array>();
  const method = { denies: () => undefined, execute: () => gate.promise, failed: () => ({ code: 13, details: '' }) };
  const { handle, drain } = batchStreams(
    () => method,
    () => ({ requestId: 'r' }),
  );
  const sent: ExecuteResponse[] = [];
  const stream = new Duplex({
    objectMode: true,
    read() {},
    write(message: ExecuteResponse, _, done) {
      sent.push(message);
      done();
    },
  });
  const finished = once(stream, 'finish');
  handle(stream as never);
  const callOf = (id: number) => ({
    token: '',
    methods: ['/a'],
    calls: [{ id, method: 0, request: Buffer.of(), timeoutMs: 1_000 }],
  });
  stream.push(callOf(1));
  await new Promise((resolve) => setImmediate(resolve));
  drain();
  expect(sent).toEqual([{ outcomes: [], draining: true }]);
  // Sent before the client knew.
  stream.push(callOf(2));
  stream.push(null);
  await new Promise((resolve) => setImmediate(resolve));
  expect(stream.writableEnded).toBe(false);
  gate.resolve(Buffer.of(7));
  await finished;
  expect(sent.flatMap(({ outcomes }) => outcomes)).toEqual([
    { id: 1, result: { $case: 'response', value: Buffer.of(7) } },
    { id: 2, result: { $case: 'response', value: Buffer.of(7) } },
  ]);
});
