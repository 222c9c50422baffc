import { expect, test } from 'vitest';
import { type AttemptError, connectionError, failureCause } from './attempt.ts';

const failed = (error: AttemptError | undefined, status: number | null = null) =>
  failureCause({ kind: 'FAILED', status, error: error ?? 'NO_RESPONSE' });

test('the cause of a failed attempt is the class of its status, its error, or CONNECTION for every code of a connection', () => {
  expect(failed('STATUS', 503)).toBe('STATUS_5XX');
  expect(failed('STATUS', 404)).toBe('STATUS_4XX');
  expect(failed('REDIRECT', 302)).toBe('REDIRECT');
  expect(failed('TIMEOUT')).toBe('TIMEOUT');
  expect(failed(connectionError('ECONNREFUSED'))).toBe('CONNECTION');
});

test('an endpoint that wants no more has a cause, and a delivered attempt has none', () => {
  expect(failureCause({ kind: 'GONE', status: 410 })).toBe('GONE');
  expect(failureCause({ kind: 'DELIVERED', status: 204 })).toBe('');
});
