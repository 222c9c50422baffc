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

/** Reads of the databases of all shards of a context, one after the other. */
export async function withEachClient<Result>(
  urls: readonly string[],
  work: (client: pg.Client) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const url of urls) results.push(await withClient(url, work));
  return results;
}
