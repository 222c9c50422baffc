import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { KeyedCall } from './keyed-call.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest();
const hashOf = (content: object) => new KeyedCall('scope', 'key', content).takeCommandKey()?.requestHash;

it('compares every field of a command as versions before compared its texts', () => {
  expect(hashOf({ userId: 7n, amount: 10n, orderId: undefined })).toEqual(sha256('[["7","10",null],null]'));
  expect(hashOf(['7', '10', null])).toEqual(sha256('[["7","10",null],null]'));
});

it('counts the key as taken only when the handler takes it', () => {
  const call = new KeyedCall('scope', 'key', []);
  expect(call.isTaken).toBe(false);
  call.takeCommandKey();
  expect(call.isTaken).toBe(true);
});
