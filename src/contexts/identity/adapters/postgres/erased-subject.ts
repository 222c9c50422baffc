import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { ERASED_PREFIX } from '../../domain/external-user.ts';

const SALT_BYTES = 32;

/** What replaces the subject of a deleted user, in SQL with `salts` as the row of the salt. A user of the same name is found by it, and nobody reads the name from it. */
export const erasedSubject = (issuer: string, subject: string): string =>
  `chr(${ERASED_PREFIX.charCodeAt(0)}) || encode(sha256(convert_to(salts.salt || ' ' || ${issuer} || ' ' || ${subject}, 'UTF8')), 'hex')`;

const ERASE = `
  update identity.users as u set subject = ${erasedSubject('u.issuer', 'u.subject')}
  from identity.subject_salts as salts where u.id = $1 and u.issuer is not null`;

/** Replaces the subject of a user of another issuer, in the transaction of the deletion. */
export async function eraseSubject(client: pg.ClientBase, userId: bigint): Promise<void> {
  await client.query('insert into identity.subject_salts (id, salt) values (1, $1) on conflict (id) do nothing', [
    randomBytes(SALT_BYTES).toString('base64'),
  ]);
  await client.query(ERASE, [userId]);
}
