import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import type pg from 'pg';
import type { Part } from '../../src/app/parts.ts';

/** A running system as its clients and verdicts see it: servers that host everything, or a cluster of services. */
export interface System {
  /** Base URLs, each of which serves every request. */
  urls(): readonly string[];
  /** Runs the statement in the database of that part. */
  query<Row extends pg.QueryResultRow>(part: Part, text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** What `stampede audit` needs to find the databases. */
  readonly auditEnv: Readonly<Record<string, string>>;
}

/** Runs `stampede audit` with these arguments. */
export function audit(
  { auditEnv }: Pick<System, 'auditEnv'>,
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly output: string }> {
  const env = { PATH: process.env['PATH'], ...auditEnv };
  return new Promise((done) => {
    execFile(process.execPath, [resolve('bin/stampede.js'), 'audit', ...args], { env }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
    });
  });
}
