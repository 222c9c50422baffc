import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { ExecuteResponse } from '../../gen/wire/stampede/calls/v1/calls.ts';
import { MESSAGE_CALLS_MAX, MESSAGE_SHARED_BYTES_MAX } from './batch-contract.ts';
import { CALLS_IN_FLIGHT_MAX } from './limits.ts';
import { type BatchedMethod, batchStreams } from './serve-batches.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A stream of calls to one method. The client does not read until `read` is called. */
function open(method: Partial<BatchedMethod>) {
  const failed = () => ({ code: 13, details: '' });
  const whole = { denies: () => undefined, execute: async () => Buffer.of(), failed, ...method };
  const { handle, drain } = batchStreams(
    () => whole,
    () => ({ requestId: 'r' }),
  );
  const sent: ExecuteResponse[] = [];
  const reads = Promise.withResolvers<void>();
  const stream = new Duplex({
    objectMode: true,
    read() {},
    async write(message: ExecuteResponse, _, done) {
      await reads.promise;
      sent.push(message);
      done();
    },
  });
  handle(stream as never);
  const call = (id: number) => ({ id, method: 0, request: Buffer.of(), timeoutMs: 1_000 });
  return {
    stream,
    sent,
    drain,
    read: reads.resolve,
    outcomes: () => sent.flatMap(({ outcomes }) => outcomes),
    push: (...ids: number[]) => stream.push({ token: '', methods: ['/a'], calls: ids.map(call) }),
  };
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

test('a service that stops asks its clients to leave, and a stream ends when its client has left and its calls have ended', async () => {
  const gate = Promise.withResolvers<Uint8Array>();
  const { stream, sent, drain, push, read, outcomes } = open({ execute: () => gate.promise });
  read();
  const finished = once(stream, 'finish');
  push(1);
  await turn();
  let haveLeft = false;
  const left = drain().then(() => {
    haveLeft = true;
  });
  await turn();
  expect(sent).toEqual([{ outcomes: [], draining: true }]);
  // Sent before the client knew.
  push(2);
  stream.push(null);
  await turn();
  expect(stream.writableEnded).toBe(false);
  expect(haveLeft).toBe(false);
  gate.resolve(Buffer.of(7));
  await finished;
  await left;
  expect(outcomes()).toEqual([
    { id: 1, result: { $case: 'response', value: Buffer.of(7) } },
    { id: 2, result: { $case: 'response', value: Buffer.of(7) } },
  ]);
});

test('a service without streams of calls waits for none when it stops', async () => {
  await batchStreams(
    () => undefined,
    () => ({ requestId: 'r' }),
  ).drain();
});

test('outcomes share messages up to the size of a message, failures included', async () => {
  const details = 'x'.repeat(10_000);
  const { push, read, sent, outcomes } = open({
    execute: () => Promise.reject(new Error('failed')),
    failed: () => ({ code: 13, details }),
  });
  push(...upTo(200));
  push(...upTo(200));
  await turn();
  read();
  await expect.poll(() => outcomes().length).toBe(400);
  const sizes = sent.map((message) => ExecuteResponse.encode(message).finish().length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MESSAGE_SHARED_BYTES_MAX);
});

test('outcomes of one turn of the event loop are sent in messages of 256', async () => {
  const { push, read, sent, outcomes } = open({});
  for (let message = 0; message < 5; message++) push(...upTo(256));
  await turn();
  read();
  await expect.poll(() => outcomes().length).toBe(5 * 256);
  expect(Math.max(...sent.map((message) => message.outcomes.length))).toBe(MESSAGE_CALLS_MAX);
});

test('a stream is not read further while too many of its calls are under way', async () => {
  const gate = Promise.withResolvers<Uint8Array>();
  let begun = 0;
  const { push, read, outcomes } = open({
    execute() {
      begun += 1;
      return gate.promise;
    },
  });
  read();
  for (let message = 0; message < 40; message++) push(...upTo(256));
  for (let time = 0; time < 50; time++) await turn();
  expect(begun).toBe(CALLS_IN_FLIGHT_MAX);
  gate.resolve(Buffer.of());
  await expect.poll(() => outcomes().length).toBe(40 * 256);
});

test('a stream is not read further while its client does not read the outcomes', async () => {
  let begun = 0;
  const { push, read, outcomes } = open({
    async execute() {
      begun += 1;
      return Buffer.of();
    },
  });
  for (let message = 0; message < 100; message++) {
    push(...upTo(256));
    await turn();
    await turn();
  }
  // Besides these the stream itself holds 16 messages of 256 outcomes.
  expect(begun).toBeLessThanOrEqual(CALLS_IN_FLIGHT_MAX + 17 * 256);
  read();
  await expect.poll(() => outcomes().length).toBe(100 * 256);
});

test('a stream is not read further while large outcomes wait for its client', async () => {
  let begun = 0;
  const { push, read, outcomes } = open({
    async execute() {
      begun += 1;
      return Buffer.alloc(1024 * 1024);
    },
  });
  for (let id = 1; id <= 100; id++) {
    push(id);
    await turn();
    await turn();
  }
  expect(begun).toBeLessThanOrEqual(8 + 17);
  read();
  await expect.poll(() => outcomes().length).toBe(100);
});

test('a token that names no service is checked once for all methods of a message', async () => {
  let checks = 0;
  const { stream, read, outcomes } = open({
    denies() {
      checks += 1;
      return { code: 16, details: 'no token' };
    },
  });
  read();
  const calls = upTo(256).map((id) => ({ id, method: id - 1, request: Buffer.of(), timeoutMs: 1_000 }));
  stream.push({ token: 'wrong', methods: upTo(256).map((id) => `/${id}`), calls });
  await expect.poll(() => outcomes().length).toBe(256);
  expect(checks).toBe(1);
});
