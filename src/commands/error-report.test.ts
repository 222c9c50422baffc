import { readFileSync } from 'node:fs';
import { DatabaseError } from 'pg';
import { expect, it } from 'vitest';
import { StartError, UsageError } from '../platform/kernel/start-error.ts';
import { errorReport } from './error-report.ts';

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};
const refusal = (facts: Partial<DatabaseError>): DatabaseError =>
  Object.assign(new DatabaseError('no space left', 0, 'error'), { severity: 'ERROR', code: '53100', ...facts });

it.each([
  ['a reason with two lines', new StartError('one\ntwo'), 'stampede: one\nstampede: two\n'],
  [
    'a directory that is read as a file',
    thrownBy(() => readFileSync('/')),
    /^stampede: EISDIR: illegal operation on a directory, read\.\n$/,
  ],
  [
    'a file that is missing',
    thrownBy(() => readFileSync('/none')),
    'stampede: /none: no such file or directory (ENOENT).\n',
  ],
  [
    'an address where nothing listens',
    new AggregateError([Object.assign(new Error('x'), { errno: -111, code: 'ECONNREFUSED', address: '::1', port: 1 })]),
    'stampede: ::1:1: connection refused (ECONNREFUSED).\n',
  ],
  [
    'what fetch hides',
    new TypeError('fetch failed', {
      cause: Object.assign(new Error('x'), { errno: -111, code: 'ECONNREFUSED', address: '127.0.0.1', port: 1 }),
    }),
    'stampede: 127.0.0.1:1: connection refused (ECONNREFUSED).\n',
  ],
  ['a full disk of PostgreSQL', refusal({}), 'stampede: PostgreSQL: no space left.\n'],
])('%s is reported in lines without a stack, with exit code 1', (_, error, text) => {
  const report = errorReport(error);
  expect(report.exitCode).toBe(1);
  expect(report.text).toMatch(text);
  expect(report.text).not.toMatch(/^ +at /m);
});

it('a command line that makes no sense ends with exit code 2', () => {
  expect(errorReport(new UsageError('--coupons is for --kind coupon.'))).toEqual({
    text: 'stampede: --coupons is for --kind coupon.\n',
    exitCode: 2,
  });
});

it('a defect of the program keeps its stack, also one in a statement for PostgreSQL', () => {
  for (const error of [new TypeError('x is undefined'), refusal({ code: '42601', position: '7' })]) {
    const { text, exitCode } = errorReport(error);
    expect(exitCode).toBe(1);
    expect(text).toMatch(/^stampede: This is a defect of the program\..*\n(?:.*\n)+? {4}at /);
  }
});
