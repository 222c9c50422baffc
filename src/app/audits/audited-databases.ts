import type pg from 'pg';
import type { Snapshot } from '../../platform/context.ts';
import { firstMessage } from '../../platform/kernel/first-message.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { assertContextsHere } from '../../platform/postgres/context-moves.ts';
import { classifyFailure } from '../../platform/postgres/failures.ts';
import { openSession } from '../../platform/postgres/session.ts';
import { CONTEXTS, runs } from '../contexts.ts';
import type { ContextName, Part } from '../parts.ts';
import type { Prove } from './audited-replicas.ts';

/** A database that is audited. Its session can only read. */
export interface AuditedDatabase extends Snapshot {
  readonly contexts: ReadonlySet<ContextName>;
}

export interface AuditedDatabases {
  readonly all: readonly AuditedDatabase[];
  /** The database of each shard of a context, which has one or several. */
  shardsOf(context: ContextName): readonly AuditedDatabase[];
  close(): Promise<void>;
}

/** Two URLs may name one database, for example with two logins. */
const IDENTITY = `
  select system_identifier || ' ' || (select oid from pg_database where datname = current_database()) as identity,
    (select coalesce(array_agg(name), '{}') from unnest($1::text[]) as name where to_regnamespace(name) is null) as missing
  from pg_control_system()`;

/**
 * Connects to all databases.
 * @throws StartError with one line for each that cannot be reached, or lacks the tables of a context
 */
export async function openAuditedDatabases(
  databases: readonly (readonly [url: string, parts: readonly Part[]])[],
  prove?: Prove,
): Promise<AuditedDatabases> {
  const clients: pg.Client[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.end().catch(() => {})));
  };
  const opened = await Promise.allSettled(
    databases.map(([url, parts]) => open(url, parts, (client) => clients.push(client), prove)),
  );
  const problems = opened.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  if (problems.length > 0) {
    await close();
    const other = problems.find((problem) => !(problem instanceof StartError));
    throw other ?? new StartError(problems.map((problem) => (problem as StartError).message).join('\n'));
  }
  const byIdentity = new Map<string, { readonly query: Snapshot['query']; readonly contexts: Set<ContextName> }>();
  for (const each of opened) {
    if (each.status === 'rejected') continue;
    const { identity, contexts, query } = each.value;
    const known = byIdentity.get(identity);
    if (known) for (const context of contexts) known.contexts.add(context);
    else byIdentity.set(identity, { query, contexts: new Set(contexts) });
  }
  const all = [...byIdentity.values()];
  return {
    all,
    close,
    shardsOf(context) {
      // In the order of the URLs.
      const found = opened.flatMap((each) => {
        if (each.status === 'rejected' || !each.value.contexts.includes(context)) return [];
        return byIdentity.get(each.value.identity) ?? [];
      });
      if (found.length === 0) throw new Error(`no database has the tables of ${context}`);
      return [...new Set(found)];
    },
  };
}

async function open(url: string, parts: readonly Part[], opened: (client: pg.Client) => void, prove?: Prove) {
  const named = `The database of ${parts.join(', ')}`;
  const contexts = CONTEXTS.filter(runs).filter(({ name }) => parts.includes(name));
  const wanted = [...contexts, { name: 'platform', schema: 'platform' }];
  try {
    const client = await openSession(url, { name: 'stampede-audit' });
    opened(client);
    await prove?.(url, client);
    // Not an option of the connection: a session that begins read-only is taken for one on a standby.
    await client.query('set default_transaction_read_only = on');
    const { rows } = await client.query<{ identity: string; missing: string[] }>(IDENTITY, [
      wanted.map(({ schema }) => schema),
    ]);
    const [row] = rows;
    if (row === undefined) throw new Error('PostgreSQL did not say which database it is');
    const missing = wanted.filter(({ schema }) => row.missing.includes(schema)).map(({ name }) => name);
    if (missing.length > 0) {
      await assertContextsHere(client, missing);
      throw new StartError(
        `${named} has no tables of ${missing.join(', ')}. Correct its URL, or start its process once.`,
      );
    }
    return { identity: row.identity, contexts: contexts.map(({ name }) => name), query: guarded(client, named) };
  } catch (error) {
    throw away(error, named);
  }
}

/** A query that says which database has gone. */
function guarded(client: pg.Client, named: string): Snapshot['query'] {
  const query = async (...given: unknown[]): Promise<unknown> => {
    try {
      return await (client.query as (...args: unknown[]) => Promise<unknown>).apply(client, given);
    } catch (error) {
      throw away(error, named);
    }
  };
  return query as Snapshot['query'];
}

function away(error: unknown, named: string): unknown {
  if (error instanceof StartError || classifyFailure(error) === 'poison') return error;
  return new StartError(`${named}: ${firstMessage(error)}. Start that PostgreSQL or correct its URL.`, {
    cause: error,
  });
}
