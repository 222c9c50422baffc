import pg from 'pg';

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** Returns whether PostgreSQL accepts connections of the superuser. False while it starts or recovers. */
export async function accepts(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {}); // it may be shut down in that very moment
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code } = error as { code?: string };
    // 28P01: it responds, but rejects this password, and will not accept it later.
    if (code === '28P01') throw error;
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

export interface Logins {
  /** Owns the database and everything in it. */
  readonly owner: Login;
  /** What the program connects with: owns nothing. Same database. */
  readonly program: Login;
}

/**
 * Ensures the roles and the database that the program uses. Neither role is a superuser. The owner may create other databases
 * (the tests do); both may read PostgreSQL's statistics. The migrations grant the program's privileges on the tables.
 */
export async function ensureApplicationDatabase(superuserUrl: string, { owner, program }: Logins): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const [user, database] = [client.escapeIdentifier(owner.user), client.escapeIdentifier(owner.database)];
    await ensureRole(client, owner, 'createdb', 'pg_monitor, pg_checkpoint');
    await ensureRole(client, program, '', 'pg_monitor');
    const existing = await client.query('select from pg_database where datname = $1', [owner.database]);
    if (existing.rowCount === 0) await client.query(`create database ${database} owner ${user}`);
  } finally {
    await client.end();
  }
}

async function ensureRole(client: pg.Client, { user, password }: Login, may: string, groups: string): Promise<void> {
  const role = await client.query('select from pg_roles where rolname = $1', [user]);
  if (role.rowCount !== 0) return;
  const name = client.escapeIdentifier(user);
  await client.query(`create role ${name} login ${may} password ${client.escapeLiteral(password)}`);
  await client.query(`grant ${groups} to ${name}`);
}
