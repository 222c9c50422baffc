import { beforeEach, expect, it } from 'vitest';
import type { Principal } from '../auth/principal.ts';
import { type OpeningRetries, openingRetries } from './opening-retries.ts';

const principal: Principal = { userId: 7n, role: 'CUSTOMER' };
let nowMs: number;
let counted: number;
let retries: OpeningRetries;
beforeEach(() => {
  nowMs = 1_800_000_000_000;
  counted = 0;
  retries = openingRetries(
    () => nowMs,
    async () => {
      counted += 1;
    },
  );
});
const ask = (policyId: bigint, key?: string, userId = 7n) =>
  retries({ principal, userId, policyId, key, origin: { ip: '192.0.2.1' } });

it('a first request and its repeats are exempt, with one key or none', () => {
  for (let count = 0; count < 50; count++) ask(1n);
  for (let count = 0; count < 50; count++) ask(1n, 'key', 8n);
  for (let user = 100n; user < 200n; user++) ask(1n, 'key', user);
  expect(counted).toBe(0);
});

it('each new key, and each other policy, is counted', () => {
  for (let count = 0; count < 50; count++) ask(1n, `key-${count}`);
  expect(counted).toBe(49);
  for (let count = 0; count < 50; count++) ask(BigInt(count + 1), undefined, 8n);
  expect(counted).toBe(49 + 49);
});

it('a request is the first one again after two minutes, and not before one', () => {
  ask(1n, 'a');
  nowMs += 59_000;
  ask(1n, 'b');
  expect(counted).toBe(1);
  nowMs += 121_000;
  ask(1n, 'c');
  expect(counted).toBe(1);
});
