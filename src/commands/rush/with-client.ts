import type pg from 'pg';
import { openSession } from '../../platform/postgres/session.ts';

/** Reads of a database with a connection of its own, past everything that was measured. */
export async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = await openSession(url, { name: 'stampede-rush' });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
