import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { classifyFailure } from './failures.ts';

const failed = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => expect.fail('it did not fail'),
    (error: Error) => error,
  );
const connecting = (path: string): Promise<Error> => new Promise((resolve) => connect(path).once('error', resolve));

it('a socket that cannot be opened passes', async () => {
  expect(classifyFailure(await connecting('/nowhere/.s.PGSQL.5432'))).toBe('transient');
  expect(classifyFailure(Object.assign(new Error('read'), { code: 'ECONNRESET' }))).toBe('transient');
  expect(classifyFailure(new Error('Connection terminated unexpectedly'))).toBe('transient');
});

it('an error of the program is no failure of PostgreSQL, although its text mentions a connection or its code begins with E', async () => {
  expect(classifyFailure(await failed(open('/nowhere/file')))).toBe('poison');
  expect(classifyFailure(new TypeError("Cannot read properties of undefined (reading 'connection')"))).toBe('poison');
  expect(classifyFailure(new Error('the plan was terminated'))).toBe('poison');
});
