import { expect, it } from 'vitest';
import { ProblemError } from '../problems/problem.ts';
import { type Principal, subjectOf } from './principal.ts';

it.each([
  ['an API key', { userId: 0n, role: 'SERVICE', apiKey: { id: 5n, rateLimit: undefined } }],
  ['a token with the role SERVICE', { userId: 9n, role: 'SERVICE', serviceId: 9n }],
] satisfies readonly (readonly [string, Principal])[])(
  'a machine with %s that names no user is pointed to X-User-Id',
  (_, machine) => {
    let thrown: unknown;
    try {
      subjectOf(machine, undefined);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ProblemError);
    expect(thrown).toMatchObject({
      code: 'VALIDATION_FAILED',
      parts: { errors: [{ field: 'X-User-Id', code: 'REQUIRED', message: expect.stringContaining('userId') }] },
    });
    expect(subjectOf(machine, 7n)).toBe(7n);
  },
);
