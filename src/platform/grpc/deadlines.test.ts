import { expect, test } from 'vitest';
import { runInCall } from './call-context.ts';
import { CALL_MS, deadlineFrom, HOP_MS } from './deadlines.ts';

const at = (deadlineMs: number | undefined) => runInCall({ requestId: 'r', deadlineMs }, () => deadlineFrom(1_000));

test('a call has its own time outside of a request, and in one without a deadline', () => {
  expect(deadlineFrom(1_000)).toBe(1_000 + CALL_MS);
  expect(at(undefined)).toBe(1_000 + CALL_MS);
});

test('a call within a request ends before the request', () => {
  expect(at(3_000)).toBe(3_000 - HOP_MS);
  expect(at(1_100)).toBe(1_001);
});

test('work that goes on after its request has its own time', () => {
  expect(at(1_000)).toBe(1_000 + CALL_MS);
  expect(at(0)).toBe(1_000 + CALL_MS);
});
