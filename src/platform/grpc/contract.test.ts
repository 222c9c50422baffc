import { expect, test } from 'vitest';
import { CheckStoreRequest, CheckStoreResponse } from '../../gen/wire/stampede/store/v1/store.ts';
import { encodeWith } from './contract.ts';

const requestOf = (storeId: bigint) => ({ storeId });
const storeIdOf = (bytes: Buffer): bigint => CheckStoreRequest.decode(bytes).storeId;

test('an encoded message keeps its bytes when others are encoded after it', () => {
  const first = encodeWith(CheckStoreRequest, requestOf(7n));
  const bytes = Buffer.from(first);
  const second = encodeWith(CheckStoreRequest, requestOf(2n ** 60n));
  expect(first).toEqual(bytes);
  expect([storeIdOf(first), storeIdOf(second)]).toEqual([7n, 2n ** 60n]);
});

test('a message after one that cannot be encoded has nothing of it', () => {
  const half = {
    outcome: { $case: 'standing', value: { storeId: 1n, ownerId: 'nobody', isOpen: true, version: 1, staff: [] } },
  };
  encodeWith(CheckStoreRequest, requestOf(1n));
  expect(() => encodeWith(CheckStoreResponse, half)).toThrow();
  expect(storeIdOf(encodeWith(CheckStoreRequest, requestOf(7n)))).toBe(7n);
});

test('messages of every size are encoded, also after a large one', () => {
  const refusalOf = (length: number) => ({
    outcome: { $case: 'refusal' as const, value: { code: 'x'.repeat(length), details: {} } },
  });
  for (const length of [1, 300, 70_000, 1_000_000, 5, 0]) {
    expect(CheckStoreResponse.decode(encodeWith(CheckStoreResponse, refusalOf(length)))).toEqual(refusalOf(length));
  }
});
