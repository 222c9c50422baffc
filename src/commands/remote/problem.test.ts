import { describe, expect, test } from 'vitest';
import { problemOf } from './problem.ts';

const BODY = {
  title: 'Rate limited',
  detail: 'Too many requests.',
  status: 429,
  code: 'RATE_LIMITED',
  requestId: 'r-1',
  errors: [],
};
const messageOf = (body: object, headers: Readonly<Record<string, string>> = {}): string =>
  problemOf(new Response(null, { status: 429, headers }), { ...BODY, ...body }).message;

describe('the message of a refusal', () => {
  test('a refusal has its title, detail, code and request, and when to try again', () => {
    expect(messageOf({}, { 'retry-after': '7' })).toBe(
      'Rate limited: Too many requests. (RATE_LIMITED, request r-1)\nTry again in 7 s.',
    );
  });

  test('a refusal lists each field with its rule', () => {
    const errors = [
      { field: 'name', message: 'is required' },
      { field: 'discountValue', message: 'must be at most 100' },
    ];
    expect(messageOf({ errors }).split('\n').slice(1)).toEqual([
      '  name is required',
      '  discountValue must be at most 100',
    ]);
  });

  test('a refusal for lack of a scope says which one', () => {
    expect(messageOf({ status: 403, code: 'SCOPE_MISSING', scope: 'users:read' })).toContain('the scope users:read');
  });

  test('a rejected credential has its reason', () => {
    const message = messageOf({ status: 401, code: 'UNAUTHENTICATED', reason: 'TOKEN_EXPIRED' });
    expect(message).toContain('(UNAUTHENTICATED, TOKEN_EXPIRED, request r-1)');
  });

  test.each([
    ['TOKEN_EXPIRED', /^Log in .+ or give a key with --api-key/],
    ['SESSION_ENDED', /^Log in /],
    [undefined, /^Log in /],
    ['API_KEY_INVALID', /^Give another key with --api-key or STAMPEDE_API_KEY\.$/],
    ['ACTING_USER_MALFORMED', /^Correct --as-user\.$/],
    ['WRONG_PASSWORD', /^Correct the e-mail address or the password\.$/],
  ])('the advice for a credential that is rejected with %s fits the reason', (reason, advice) => {
    const [, line] = messageOf({ status: 401, code: 'UNAUTHENTICATED', reason }).split('\n');
    expect(line).toMatch(advice);
  });

  test('a refusal sends no control characters to the terminal', () => {
    expect(messageOf({ detail: 'red \u001b[31m and\nnew line' })).toContain('red  [31m and new line');
  });
});
