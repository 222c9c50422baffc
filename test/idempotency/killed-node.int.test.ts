// @module-tag process
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runAudits } from '../../src/app/audits/run-audits.ts';
import { type Answer, SECRET, type Stage, stage } from '../attacks/support.ts';
import { MAIL_ENVIRONMENT, mailSettings } from '../support/mail.ts';
import { type PostgresProxy, postgresProxy } from '../support/postgres-proxy.ts';
import { pushSettings, VAPID_KEY } from '../support/push.ts';
import { type ServerProcess, startServe, temporaryDir } from '../support/serve.ts';
import { attemptOf, type KeyedAttempt } from './fixtures.ts';
import { type KeyedOperation, keyedOperations, repeat, sameBodies, send } from './keyed-operations.ts';

// A server process is killed with SIGKILL after PostgreSQL has committed its transaction and before it receives the response. The
// proxy holds the response back, so no later moment is possible. The request is repeated at another node.
let proxy: PostgresProxy;
let other: Stage;
let owner: pg.Pool;
let nodes: KillableNodes;
beforeAll(async () => {
  other = await stage({ sandbox: true, mail: mailSettings(), push: pushSettings() });
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

/**
 * Operations whose node is killed together, since a node takes longer to start than an operation takes. They are sent one after the
 * other, and neighbours in the document are in different groups: operations of one batcher would wait for each other.
 */
const GROUP_SIZE = 4;

it('every operation with a key has one effect when its node is killed between COMMIT and the response', async () => {
  const operations = (await keyedOperations(other)).filter(({ id }) => id.includes(ONLY));
  expect(operations.length).toBeGreaterThan(ONLY === '' ? 40 : 0);
  const failures: unknown[] = [];
  const queue = apart(operations, GROUP_SIZE).map((operation): Case => ({ operation, nth: 1 }));
  while (queue.length > 0) {
    const group: CommittedCase[] = [];
    while (group.length < GROUP_SIZE) {
      const next = queue.shift();
      if (next === undefined) break;
      const outcome = await untilCommitted(next);
      if ('committed' in outcome) group.push(outcome.committed);
      else if (!outcome.isExpected) failures.push(outcome.seen);
    }
    if (group.length > 0) await nodes.kill();
    for (const killed of group) failures.push(...(await failuresOf(killed)));
    const further = group.map(({ operation, nth }) => ({ operation, nth: nth + 1 }));
    queue.unshift(...further.filter(({ nth }) => nth <= COMMITS_MAX));
  }
  expect(failures).toEqual([]);
  const { audits } = await runAudits(other.database.programUrl, {});
  expect(audits.filter(({ ok }) => !ok)).toEqual([]);
});

interface Case {
  readonly operation: KeyedOperation;
  /** The node is killed after this COMMIT of the request. */
  readonly nth: number;
}

/** A request whose COMMIT has succeeded, while its node waits for the response of PostgreSQL. */
interface CommittedCase extends Case {
  readonly attempt: KeyedAttempt;
  readonly key: string;
  readonly effectsBefore: number;
  readonly asked: Promise<Answer>;
}

/** Sends the request, and waits for its COMMIT. A request that has fewer of them gets its response: that is expected after the first. */
async function untilCommitted({
  operation,
  nth,
}: Case): Promise<{ committed: CommittedCase } | { isExpected: boolean; seen: unknown }> {
  const { id, method } = operation;
  const attempt = await attemptOf(id, other, owner);
  const { status = operation.status } = attempt;
  // No key is a part of another one.
  const key = `killed ${id} at ${nth}`;
  const node = await nodes.current();
  const committed = proxy.withholdCommit(key, nth);
  const asked = send(node.url, method, attempt, key);
  const came = await Promise.race([committed.then(() => 'a commit' as const), asked]);
  if (came !== 'a commit') {
    return { isExpected: nth > 1 && came.status === status, seen: { id, nth, answer: `${came.status} ${came.text}` } };
  }
  return { committed: { operation, nth, attempt, key, effectsBefore: await attempt.effects(), asked } };
}

/** Repeats the request at another node, after its own was killed. */
async function failuresOf({ operation, nth, attempt, key, effectsBefore, asked }: CommittedCase): Promise<unknown[]> {
  const { id, method } = operation;
  const { status = operation.status } = attempt;
  const first = await asked;
  const second = await repeat(other.url, method, attempt, key);
  const third = await repeat(other.url, method, attempt, key);
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
  if (JSON.stringify(seen) === JSON.stringify(wanted)) return [];
  return [{ ...seen, texts: [second, third].map(({ status, text }) => `${status} ${text.slice(0, 300)}`) }];
}

/** The same list in another order: what follows each other is `1 / groupSize` of the list apart. */
function apart<T>(list: readonly T[], groupSize: number): readonly T[] {
  const stride = Math.ceil(list.length / groupSize);
  return Array.from({ length: stride }, (_, first) => list.filter((_, index) => index % stride === first)).flat();
}

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
      // One directory for all nodes.
      FILES_DIRECTORY: inject('filesDirectory'),
      STAMPEDE_RATE_LIMIT: 'off',
      STAMPEDE_SANDBOX: 'on',
      PAYMENT_PROVIDER: 'sandbox',
      PUSH_VAPID_KEY: VAPID_KEY,
      ...MAIL_ENVIRONMENT,
    };
    const started = startServe({ dataDir: join(dir.path, `node-${++made}`), env });
    // Its caller gets the error.
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
