import { databaseUrl } from './schemas.ts';
import type { Variables } from './variable.ts';

/** Other ways to a database: its read replica, and its pooler. */
export const WAYS = ['READ_DATABASE_URL', 'DATABASE_POOLER_URL'] as const;
export type Way = (typeof WAYS)[number];

/** The database of everything that has no other one. */
export const DATABASE_VARIABLES = {
  DATABASE_URL: {
    schema: databaseUrl().optional(),
    advice:
      'Set DATABASE_URL=postgres://user:password@host:5432/database, with a standby host1:5432,host2:5432 in place of the host, or leave it out for the embedded PostgreSQL.',
    isSecret: true,
  },
  MIGRATION_DATABASE_URL: {
    schema: databaseUrl().optional(),
    advice: 'Set the URL of the login that owns the schemas, or leave it out.',
    isSecret: true,
  },
  READ_DATABASE_URL: {
    schema: databaseUrl().optional(),
    advice: 'Set for example READ_DATABASE_URL=postgres://user:password@replica:5432/database, or leave it out.',
    isSecret: true,
  },
  DATABASE_POOLER_URL: {
    schema: databaseUrl().optional(),
    advice: 'Set for example DATABASE_POOLER_URL=postgres://user:password@pooler:6432/database, or leave it out.',
    isSecret: true,
  },
} satisfies Variables;

/** Returns a line for each way to a database that is not set. `given`: the variables as they are set. */
export const databaseProblems = (given: Readonly<Record<string, string | undefined>>): readonly string[] =>
  WAYS.filter((way) => given[way] !== undefined && given['DATABASE_URL'] === undefined).map(
    (way) => `${way} has no effect without DATABASE_URL. ${DATABASE_VARIABLES.DATABASE_URL.advice}`,
  );
