import type pg from 'pg';
import { commandLine } from '../kernel/command-line.ts';
import { StartError } from '../kernel/start-error.ts';
import { openSession } from './session.ts';
import { assertRestored } from './unfinished-restore.ts';

type Queryable = Pick<pg.ClientBase, 'query'>;

/**
 * ARRIVING: its rows are copied to this database, and those of the other one still count. HERE: they have arrived. LEFT: they are in another
 * database, and what is left here does not count.
 */
export type MoveState = 'ARRIVING' | 'HERE' | 'LEFT';

export interface ContextMove {
  readonly state: MoveState;
  /** The identity of the database that it comes from or went to: copies that an unfinished move left elsewhere must not count as this one. */
  readonly other: string;
}

const IDENTITY = `
  select system_identifier || '/' || (select oid from pg_database where datname = current_database()) as identity from pg_control_system()`;

const IDENTITY_MS = 5_000;

/** The same whatever URL leads to a database. */
export async function databaseIdentity(client: Queryable): Promise<string> {
  return (await client.query<{ identity: string }>(IDENTITY)).rows[0]?.identity ?? '';
}

/** Returns whether two URLs, such as those of two logins, lead to one database. */
export async function isSameDatabase(...urls: readonly [string, string]): Promise<boolean> {
  const [one, other] = await Promise.all(
    urls.map(async (url) => {
      const client = await openSession(url, { name: 'stampede-start', statementMs: IDENTITY_MS });
      return databaseIdentity(client).finally(() => client.end());
    }),
  );
  return one === other;
}

/** Undefined: it never moved, or this database has no tables of the platform yet. */
export async function readMove(client: Queryable, context: string): Promise<ContextMove | undefined> {
  return (await readMoves(client)).get(context);
}

export async function writeMove(client: Queryable, context: string, { state, other }: ContextMove): Promise<void> {
  await client.query(
    `insert into platform.context_moves (context, state, other) values ($1, $2, $3)
     on conflict (context) do update set state = excluded.state, other = excluded.other, at = now()`,
    [context, state, other],
  );
}

/**
 * Call it before a process works with the tables of these contexts, and before they are migrated.
 * @throws StartError when one of them has left this database, or has not arrived yet, or a restore into it is not complete
 */
export async function assertContextsHere(client: Queryable, contexts: readonly string[]): Promise<void> {
  await assertRestored(client);
  const moves = await readMoves(client);
  const problems = contexts.flatMap((context) => {
    const state = moves.get(context)?.state;
    if (state === 'LEFT') {
      return [
        `${context} has moved from this database to another one. Set ${context.toUpperCase()}_DATABASE_URL to that one, and start ${context} in a process of its own (${commandLine(`serve --target ${context}`)}); --target of the others leaves it out.`,
      ];
    }
    if (state === 'ARRIVING') {
      return [
        `${context} has not arrived in this database. Run the same stampede move again, or use the old database.`,
      ];
    }
    return [];
  });
  if (problems.length > 0) throw new StartError(problems.join('\n'));
}

/** The contexts that have left this database, or have not arrived yet. */
export async function contextsElsewhere(client: Queryable): Promise<ReadonlySet<string>> {
  const moves = await readMoves(client);
  return new Set([...moves].flatMap(([context, { state }]) => (state === 'HERE' ? [] : [context])));
}

async function readMoves(client: Queryable): Promise<ReadonlyMap<string, ContextMove>> {
  const { rows: tables } = await client.query<{ exists: boolean }>(
    `select to_regclass('platform.context_moves') is not null as exists`,
  );
  if (tables[0]?.exists !== true) return new Map();
  const { rows } = await client.query<ContextMove & { context: string }>(
    'select context, state, other from platform.context_moves',
  );
  return new Map(rows.map(({ context, ...move }) => [context, move]));
}
