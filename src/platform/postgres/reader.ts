import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import type pg from 'pg';

/** Runs single statements that only read. Which server runs them is decided behind it: see replica.ts. */
export type Reader = Pick<pg.Pool, 'query'>;

/** Drizzle's selects. */
export type Selects = Pick<NodePgDatabase, 'select' | 'selectDistinctOn'>;
export const selectsOn = (reader: Reader): Selects => drizzle(reader as pg.Pool);
