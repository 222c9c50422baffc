import { expect, test } from 'vitest';
import { Call, Failure } from '../../gen/wire/stampede/calls/v1/calls.ts';
import { encodeWith } from './contract.ts';

const callOf = (id: number, method = 0) => ({ id, method, request: Buffer.of(), timeoutMs: 1 });
const idOf = (bytes: Buffer): number => Call.decode(bytes).id;

test('an encoded message keeps its bytes when others are encoded after it', () => {
  const first = encodeWith(Call, callOf(7));
  const bytes = Buffer.from(first);
  const second = encodeWith(Call, callOf(2 ** 31));
  expect(first).toEqual(bytes);
  expect([idOf(first), idOf(second)]).toEqual([7, 2 ** 31]);
});

test('a message after one that cannot be encoded has nothing of it', () => {
  const before = encodeWith(Call, callOf(7));
  expect(() => encodeWith(Call, callOf(1, -1))).toThrow();
  expect(encodeWith(Call, callOf(7))).toEqual(before);
});

test('messages of every size are encoded, also after a large one', () => {
  for (const length of [1, 300, 70_000, 1_000_000, 5, 0]) {
    const details = 'x'.repeat(length);
    expect(Failure.decode(encodeWith(Failure, { code: 13, details })).details).toBe(details);
  }
});
