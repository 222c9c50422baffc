import { eq } from 'drizzle-orm';
import type { NodePgDatabase } from 'drizzle-orm/node-postgres';
import { mailLinks } from './schema.ts';

/** No link of the user is valid any more: its mail was sent to a user with another password, or to one who is gone. The caller has locked the user. */
export async function deleteLinks(db: NodePgDatabase, userId: bigint): Promise<void> {
  await db.delete(mailLinks).where(eq(mailLinks.userId, userId));
}
