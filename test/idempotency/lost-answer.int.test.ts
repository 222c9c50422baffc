// @module-tag rows
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Server, startServer } from '../../src/app/server.ts';
import { configOf, type Stage, stage } from '../attacks/support.ts';
import { mailSettings } from '../support/mail.ts';
import { type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';
import { pushSettings } from '../support/push.ts';
import { attemptOf } from './fixtures.ts';
import { keyedOperations, repeat, sameBodies, send } from './keyed-operations.ts';

// One node reaches PostgreSQL through the proxy, the other one directly.
let proxy: PostgresProxy;
let cut: Server;
let other: Stage;
let owner: pg.Pool;
beforeAll(async () => {
  other = await stage({ sandbox: true, mail: mailSettings(), push: pushSettings() });
  proxy = await postgresProxy(other.database.programUrl);
  cut = await startServer(configOf(proxy.url, { sandbox: true, mail: mailSettings(), push: pushSettings() }));
  owner = new pg.Pool({ connectionString: other.database.url });
});
afterAll(async () => {
  await cut.stop();
  await owner.end();
  await proxy.close();
  await other.stop();
});

/** In development: only operations whose name contains this. */
const ONLY = process.env['IDEMPOTENCY_ONLY'] ?? '';

it.each(['answer lost', 'request lost'] as const)(
  'every operation with a key has one effect after a COMMIT with the %s',
  async (what) => {
    const operations = (await keyedOperations(other)).filter(({ id }) => id.includes(ONLY));
    expect(operations.length).toBeGreaterThan(ONLY === '' ? 40 : 0);
    const failures: unknown[] = [];
    for (const { id, method, status: usual } of operations) {
      const attempt = await attemptOf(id, other, owner);
      const { status = usual } = attempt;
      const key = `${what} ${id}`;
      const cutsBefore = proxy.cuts();
      proxy.atNextCommit(what, 'reachable', key);
      const first = await send(cut.url, method, attempt, key);
      const second = await repeat(other.url, method, attempt, key);
      const third = await repeat(other.url, method, attempt, key);
      const seen = {
        id,
        cuts: proxy.cuts() - cutsBefore,
        // The node found out what became of the COMMIT, or asked its client to repeat.
        first: [status, 503].includes(first.status),
        answers: [second.status, third.status],
        replayed: third.headers.get('idempotent-replayed'),
        same: sameBodies(attempt.varying, [...(first.status === status ? [first] : []), second, third]),
        effects: await attempt.effects(),
      };
      const wanted = { id, cuts: 1, first: true, answers: [status, status], replayed: 'true', same: true, effects: 1 };
      if (JSON.stringify(seen) !== JSON.stringify(wanted)) {
        failures.push({
          ...seen,
          texts: [first, second, third].map(({ status, text }) => `${status} ${text.slice(0, 300)}`),
        });
      }
    }
    expect(failures).toEqual([]);
  },
);
