import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { type Channel, openCalls } from './calls.ts';

type Api = { readonly double: (value: number) => Promise<number>; readonly fail: () => Promise<void> };
const API: Api = {
  double: async (value) => value * 2,
  fail: async () => {
    throw new Error('this operation fails');
  },
};

/** Both ends of a channel. Messages are copied, as between processes. */
function pair() {
  const ends = [new EventEmitter(), new EventEmitter()] as const;
  const channel = (own: EventEmitter, other: EventEmitter): Channel => ({
    send: (message) => void setImmediate(() => other.emit('message', structuredClone(message))),
    onMessage: (listener) => void own.on('message', listener),
    onClose: (listener) => void own.on('close', listener),
  });
  return {
    one: channel(ends[0], ends[1]),
    two: channel(ends[1], ends[0]),
    close: () => void ends.map((end) => end.emit('close')),
  };
}

test('both ends of a channel call each other at the same time, and each call gets its own result', async () => {
  const { one, two } = pair();
  const callTwo = openCalls<Api>(one, API);
  const callOne = openCalls<Api>(two, API);
  expect(await Promise.all([callTwo('double', 1), callOne('double', 2), callTwo('double', 3)])).toEqual([2, 4, 6]);
});

test('a call rejects with the message of what the operation throws', async () => {
  const { one, two } = pair();
  openCalls(two, API);
  await expect(openCalls<Api>(one, API)('fail')).rejects.toThrow('this operation fails');
});

test('calls reject when the channel closes, also those that are made afterwards', async () => {
  const { one, close } = pair();
  const call = openCalls<Api>(one, API);
  const waiting = call('double', 1);
  close();
  await expect(waiting).rejects.toThrow('the other process has ended');
  await expect(call('double', 2)).rejects.toThrow('the other process has ended');
});
