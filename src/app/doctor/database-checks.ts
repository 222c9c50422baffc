import type pg from 'pg';
import { commandLine } from '../../platform/kernel/command-line.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { connectionsOf } from '../../platform/postgres/connections.ts';
import { assertContextsHere, isSameDatabase } from '../../platform/postgres/context-moves.ts';
import { openDatabase } from '../../platform/postgres/database.ts';
import { openSession, socketOf } from '../../platform/postgres/session.ts';
import { replicaState } from '../audits/audited-replicas.ts';
import { compareProcesses, processChecksOf } from '../compare-processes.ts';
import { usesDataDir } from '../local/data-dir.ts';
import { lookAt, OTHER_OWNER } from '../local/open-postgres.ts';
import { secretsToExpect } from '../local/secrets.ts';
import { type Check, type Finding, fail, failIfExposed, ok, type Subject, warn } from './finding.ts';

const SKEW_FAIL_MS = 2_000;
const SKEW_WARN_MS = 500;
const STATEMENT_MS = 5_000;
/** Holds no lease, so that every running process is another one. */
const NO_PROCESS = '00000000-0000-0000-0000-000000000000';
/** How long this program waits for a statement of the pool for queries. */
const QUERY_LIMIT_MS = 11_000;

/** What PostgreSQL says of itself. */
export const DATABASE_CHECKS: readonly Check[] = [
  { name: 'PostgreSQL', run: server },
  ...[
    { name: 'contexts', run: (subject: Subject) => onDatabase(subject, contexts) },
    { name: 'other processes', run: (subject: Subject) => onDatabase(subject, otherProcesses) },
    { name: 'owner', run: owner },
    { name: 'durability', run: (subject: Subject) => onDatabase(subject, durability) },
    { name: 'standbys', run: (subject: Subject) => onDatabase(subject, standbys) },
    { name: 'login', run: (subject: Subject) => onDatabase(subject, login) },
    { name: 'connections', run: (subject: Subject) => onDatabase(subject, connections) },
    { name: 'clock', run: (subject: Subject) => onDatabase(subject, clock) },
    { name: 'read replica', run: replica },
    { name: 'pooler', run: pooler },
  ].map((check) => ({ ...check, needs: 'PostgreSQL' })),
];

type Query = (client: pg.Client, subject: Subject) => Promise<readonly Finding[]>;

async function onDatabase(subject: Subject, query: Query): Promise<readonly Finding[]> {
  const { databaseUrl } = subject.settings;
  if (databaseUrl === undefined) return []; // embedded: this program configures it
  const client = await openSession(databaseUrl, { name: 'stampede-doctor', statementMs: STATEMENT_MS });
  try {
    return await query(client, subject);
  } finally {
    await client.end();
  }
}

/** Settings of the server by name, as this session has them. */
async function settingsOf<Name extends string>(
  client: Pick<pg.Client, 'query'>,
  names: readonly Name[],
): Promise<Readonly<Record<Name, string>>> {
  const { rows } = await client.query<{ name: Name; setting: string }>(
    'select name, current_setting(name) as setting from unnest($1::text[]) as name',
    [names],
  );
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting])) as Record<Name, string>;
}

async function server({ settings: { databaseUrl } }: Subject): Promise<readonly Finding[]> {
  if (databaseUrl === undefined)
    return [ok('DATABASE_URL is not set: the embedded one, which this program configures, is not examined')];
  try {
    const { version } = await lookAt('DATABASE_URL', databaseUrl);
    return [ok(`version ${version}`)];
  } catch (error) {
    return failures(error);
  }
}

/** What ends `serve`, with its lines. */
function failures(error: unknown): readonly Finding[] {
  if (!(error instanceof StartError)) throw error;
  return error.message.split('\n').map(fail);
}

/** Whether the parts of this process may work with this database. */
async function contexts(client: pg.Client, { target }: Subject): Promise<readonly Finding[]> {
  if (!(await hasLeases(client)))
    return [ok(`the database is empty: ${commandLine('migrate')}, or the first start, creates the tables`)];
  try {
    await assertContextsHere(client, [...target.parts]);
    return [ok('no context of this process has moved to another database')];
  } catch (error) {
    return failures(error);
  }
}

/** Compares this process with those that run, as `serve` does at its start. */
async function otherProcesses(client: pg.Client, { settings, target }: Subject): Promise<readonly Finding[]> {
  const { databaseUrl } = settings;
  if (databaseUrl === undefined || !(await hasLeases(client))) return [];
  if (!(await haveChecks(client)))
    return [
      ok('the tables are of an earlier version, whose processes do not say which secrets and settings they have'),
    ];
  const isGenerated = settings.jwtSecrets.length === 0 && usesDataDir(settings, target);
  const jwtSecrets = isGenerated ? secretsToExpect(settings.dataDir) : settings.jwtSecrets;
  const findings: Finding[] = [];
  const log = { warn: (text: string) => void findings.push(warn(text)) };
  try {
    await compareProcesses(client, NO_PROCESS, processChecksOf(target, { ...settings, databaseUrl, jwtSecrets }), log);
  } catch (error) {
    return [...failures(error), ...findings];
  }
  return findings.length > 0 ? findings : [ok('no running process has other secrets or settings that all share')];
}

/** False before the first start. */
async function hasLeases(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ exists: boolean }>(
    `select to_regclass('platform.node_leases') is not null as exists`,
  );
  return rows[0]?.exists === true;
}

/** False for the tables of version 0.2.0, until they are migrated. */
async function haveChecks(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ exist: boolean }>(`
    select exists (
      select from information_schema.columns
      where table_schema = 'platform' and table_name = 'node_leases' and column_name = 'secret_checks') as exist`);
  return rows[0]?.exist === true;
}

async function owner({ settings }: Subject): Promise<readonly Finding[]> {
  const { databaseUrl, migrationDatabaseUrl } = settings;
  if (databaseUrl === undefined || migrationDatabaseUrl === undefined) return [];
  if (await isSameDatabase(databaseUrl, migrationDatabaseUrl))
    return [ok('MIGRATION_DATABASE_URL leads to the same database')];
  return [fail(OTHER_OWNER)];
}

const ON = ['fsync', 'full_page_writes'] as const;

async function durability(client: pg.Client): Promise<readonly Finding[]> {
  const found = await settingsOf(client, [...ON, 'synchronous_commit', 'data_checksums']);
  const findings = ON.filter((name) => found[name] !== 'on').map((name) =>
    fail(`${name} is off: a crash of the machine may destroy the database. Set ${name} = on.`),
  );
  if (found.synchronous_commit === 'off')
    findings.push(fail('synchronous_commit is off: a crash loses what was acknowledged. Set synchronous_commit = on.'));
  if (found.synchronous_commit === 'local') {
    const text = 'synchronous_commit is local: a failover loses what was acknowledged last.';
    findings.push(warn(`${text} Set synchronous_commit = on.`));
  }
  if (found.data_checksums === 'off')
    findings.push(warn('data_checksums is off: damaged pages are not noticed. Run pg_checksums --enable.'));
  return findings.length > 0 ? findings : [ok('what is acknowledged is on disk')];
}

async function standbys(client: pg.Client): Promise<readonly Finding[]> {
  const { synchronous_standby_names: names } = await settingsOf(client, ['synchronous_standby_names']);
  if (names !== '') return [ok(`a COMMIT waits for ${names}`)];
  const text = 'No standby confirms a COMMIT: the loss of this machine loses what was acknowledged last.';
  return [warn(`${text} Set synchronous_standby_names (docs/configuration.md, several hosts).`)];
}

async function login(client: pg.Client, { settings }: Subject): Promise<readonly Finding[]> {
  const { rows } = await client.query<{ superuser: boolean; owns: boolean }>(`
    select rolsuper as superuser, exists (
      select from pg_namespace where nspname = 'platform' and pg_has_role(current_user, nspowner, 'member')) as owns
    from pg_roles where rolname = current_user`);
  const [row] = rows;
  if (row?.superuser === true)
    return [
      failIfExposed(settings, 'The login of DATABASE_URL is a superuser. Use one that owns nothing (two logins).'),
    ];
  if (row?.owns === true) {
    const text = 'The login of DATABASE_URL owns the tables, so that only triggers protect the ledger.';
    return [warn(`${text} Set MIGRATION_DATABASE_URL to the owner, and DATABASE_URL to another login.`)];
  }
  return [ok('the login owns no tables')];
}

const PROCESSES = `
  select count(*)::int as processes from platform.node_leases where holder is not null and expires_at > now()`;
const OTHERS = `
  select count(*) filter (where application_name not like 'stampede%' and pid <> pg_backend_pid())::int as others
  from pg_stat_activity where backend_type = 'client backend'`;

async function connections(client: pg.Client, { settings, processes: planned }: Subject): Promise<readonly Finding[]> {
  const limits = await settingsOf(client, ['max_connections', 'superuser_reserved_connections']);
  const running = (await hasLeases(client)) ? await client.query<{ processes: number }>(PROCESSES) : undefined;
  const { processes = 0 } = running?.rows[0] ?? {};
  const { others = 0 } = (await client.query<{ others: number }>(OTHERS)).rows[0] ?? {};
  const usable = Number(limits.max_connections) - Number(limits.superuser_reserved_connections);
  const { workers, ways } = settings;
  const counted = Math.max(processes, Math.max(planned, 1) * workers);
  // What runs is taken for nodes like this one.
  const opened = (counted / workers) * connectionsOf(workers, ways.DATABASE_POOLER_URL !== undefined);
  const needed = opened + others;
  const text = `${counted} ${counted === 1 ? 'process opens' : 'processes open'} up to ${opened} connections, other programs have ${others}, and PostgreSQL allows ${usable}`;
  return [needed > usable ? fail(`${text}. Raise max_connections, or set DATABASE_POOLER_URL.`) : ok(text)];
}

async function clock(client: pg.Client): Promise<readonly Finding[]> {
  const sentMs = Date.now();
  const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now');
  const aheadMs = Math.round((sentMs + Date.now()) / 2 - (rows[0]?.now.getTime() ?? Number.NaN));
  const text = `the clock of this machine differs from PostgreSQL's by ${Math.abs(aheadMs)} ms`;
  if (Math.abs(aheadMs) <= SKEW_WARN_MS) return [ok(text)];
  const advised = `${text}. Let NTP set both.`;
  return [Math.abs(aheadMs) > SKEW_FAIL_MS ? fail(advised) : warn(advised)];
}

async function replica({ settings: { databaseUrl, ways } }: Subject): Promise<readonly Finding[]> {
  const { READ_DATABASE_URL: url } = ways;
  if (databaseUrl === undefined || url === undefined) return [];
  const state = await replicaState(databaseUrl, url);
  if (state === 'CAUGHT_UP') return [ok('the replica has everything that was committed when it was checked')];
  if (state === 'PRIMARY') {
    const text = 'READ_DATABASE_URL leads to the primary, which is not spared.';
    return [warn(`${text} Set it to a replica, or leave it out.`)];
  }
  return [
    fail('READ_DATABASE_URL is away, more than 5 s behind, or no replica of DATABASE_URL. Start it, or leave it out.'),
  ];
}

/** Of a role, as a session behind the pooler has them. 0 is no limit. */
const ROLE_LIMITS = { statement_timeout: '10s', idle_in_transaction_session_timeout: '5s' } as const;

async function pooler({ settings: { databaseUrl, ways } }: Subject): Promise<readonly Finding[]> {
  const { DATABASE_POOLER_URL: poolerUrl } = ways;
  if (databaseUrl === undefined || poolerUrl === undefined) return [];
  const { pool, close } = openDatabase({ url: databaseUrl, poolerUrl, onError: () => {} });
  try {
    const { rows } = await pool.query<{ name: keyof typeof ROLE_LIMITS; ms: number }>(
      'select name, setting::int as ms from pg_settings where name = any($1)',
      [Object.keys(ROLE_LIMITS)],
    );
    if (await isDirect(pool)) {
      const text = 'DATABASE_POOLER_URL leads to PostgreSQL itself, so that no connection is shared.';
      return [warn(`${text} Set it to the pooler, or leave it out.`)];
    }
    const wrong = rows.filter(({ ms }) => ms === 0 || ms > QUERY_LIMIT_MS);
    if (wrong.length === 0) return [ok('sessions behind the pooler have time limits')];
    return wrong.map(({ name }) => {
      const text = `${name} of sessions behind the pooler is longer than this program waits.`;
      return fail(
        `${text} Run: alter role current_user set ${name} = '${ROLE_LIMITS[name]}', then RECONNECT the pooler.`,
      );
    });
  } finally {
    await close();
  }
}

/** A pooler connects to PostgreSQL from a port of its own. */
async function isDirect(pool: pg.Pool): Promise<boolean> {
  const client = await pool.connect();
  try {
    const { rows } = await client.query<{ port: number | null }>('select inet_client_port() as port');
    return rows[0]?.port === socketOf(client).localPort;
  } finally {
    client.release();
  }
}
