import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runAudits } from '../../src/app/audits/run-audits.ts';
import { SECRET, type Stage, stage } from '../attacks/support.ts';
import { type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';
import { type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';
import { attemptOf } from './fixtures.ts';
import { keyedOperations, repeat, sameBodies, send } from './keyed-operations.ts';

// A server process is killed with SIGKILL when PostgreSQL has committed its transaction and before it hears so. The proxy keeps the
// answer to COMMIT back, so no later instant is possible. Another node is asked again.
let proxy: PostgresProxy;
let other: Stage;
let owner: pg.Pool;
let nodes: KillableNodes;
beforeAll(async () => {
  other = await stage({ sandbox: true });
  proxy = await postgresProxy(other.database.programUrl);
  owner = new pg.Pool({ connectionString: other.database.url });
  nodes = killableNodes(proxy.url, other.database.url);
});
afterAll(async () => {
  await nodes.stop();
  await owner.end();
  await proxy.close();
  await other.stop();
});

/** In development: only operations whose name contains this. */
const ONLY = process.env['IDEMPOTENCY_ONLY'] ?? '';
/** Transactions of one request that store something under its key. */
const COMMITS_MAX = 5;
/** A list records itself first: killed then, its rows are issued by the repeat. */
const SEVERAL_COMMITS = /direct-issue$/;

it('every operation that takes a key has one effect for it when its node is killed between COMMIT and its answer', async () => {
  const operations = (await keyedOperations(other)).filter(({ id }) => id.includes(ONLY));
  expect(operations.length).toBeGreaterThan(ONLY === '' ? 40 : 0);
  const failures: unknown[] = [];
  for (const { id, method, status } of operations) {
    for (let nth = 1; nth <= COMMITS_MAX; nth++) {
      const attempt = await attemptOf(id, other, owner);
      const key = `killed at ${nth} ${id}`;
      const node = await nodes.current();
      const committed = proxy.withholdCommit(key, nth);
      const asked = send(node.url, method, attempt, key);
      const came = await Promise.race([committed.then(() => 'a commit' as const), asked]);
      if (came !== 'a commit') {
        if (nth === 1 || came.status !== status) failures.push({ id, nth, answer: `${came.status} ${came.text}` });
        break;
      }
      const effectsBefore = await attempt.effects();
      await nodes.kill();
      const first = await asked;
      const second = await repeat(other.server.url, method, attempt, key);
      const third = await repeat(other.server.url, method, attempt, key);
      const isBegun = SEVERAL_COMMITS.test(id) && nth === 1;
      const seen = {
        id,
        nth,
        effectsBefore,
        answers: [first.status, second.status, third.status],
        replayed: [second, third].map(({ headers }) => headers.get('idempotent-replayed')),
        same: sameBodies(attempt.varying, [second, third]),
        effects: await attempt.effects(),
      };
      const wanted = {
        id,
        nth,
        effectsBefore: isBegun ? 0 : 1,
        answers: [0, status, status],
        replayed: [isBegun ? null : 'true', 'true'],
        same: true,
        effects: 1,
      };
      if (JSON.stringify(seen) !== JSON.stringify(wanted)) {
        failures.push({ ...seen, texts: [second, third].map(({ status, text }) => `${status} ${text.slice(0, 300)}`) });
      }
    }
  }
  expect(failures).toEqual([]);
  const { audits } = await runAudits(other.database.programUrl, {});
  expect(audits.filter(({ ok }) => !ok)).toEqual([]);
}, 600_000);

interface KillableNodes {
  current(): Promise<ServerProcess>;
  /** kill -9 of the current one; the next one is current then. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Server processes one after the other; the next one starts while the current one is still asked. */
function killableNodes(databaseUrl: string, ownerUrl: string): KillableNodes {
  const dir = temporaryDir();
  let made = 0;
  const start = (): Promise<ServerProcess> => {
    const env = {
      DATABASE_URL: databaseUrl,
      MIGRATION_DATABASE_URL: ownerUrl,
      JWT_SECRET: SECRET,
      STAMPEDE_RATE_LIMIT: 'off',
      STAMPEDE_SANDBOX: 'on',
      PAYMENT_PROVIDER: 'sandbox',
    };
    const started = startServe({ dataDir: join(dir.path, `node-${++made}`), env });
    // Told by whoever awaits it.
    started.catch(() => {});
    return started;
  };
  let current = start();
  let next = start();
  return {
    current: () => current,
    async kill() {
      await (await current).end('SIGKILL');
      current = next;
      next = start();
    },
    async stop() {
      for (const started of await Promise.allSettled([current, next])) {
        if (started.status === 'fulfilled') await started.value.end('SIGKILL');
      }
      await dir.remove();
    },
  };
}
