import pg from 'pg';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** As the superuser: asks whether PostgreSQL accepts connections. False while it starts or recovers. */
export async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {}); // it may be shut down in that very moment
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    // 28P01: it answers, but not to this password, and will not later.
    if (code === '28P01') throw error;
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/**
 * Ensures the role and the database that the program uses. The role is no superuser: it owns its database, may create
 * others (the tests do) and may read PostgreSQL's statistics.
 */
export async function ensureApplicationDatabase(superuserUrl: string, login: Login): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const user = client.escapeIdentifier(login.user);
    const database = client.escapeIdentifier(login.database);
    const role = await client.query('select from pg_roles where rolname = $1', [login.user]);
    if (role.rowCount === 0) {
      await client.query(`create role ${user} login createdb password ${client.escapeLiteral(login.password)}`);
      await client.query(`grant pg_monitor, pg_checkpoint to ${user}`);
    }
    const existing = await client.query('select from pg_database where datname = $1', [login.database]);
    if (existing.rowCount === 0) await client.query(`create database ${database} owner ${user}`);
  } finally {
    await client.end();
  }
}
