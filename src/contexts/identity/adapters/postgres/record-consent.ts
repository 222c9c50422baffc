import type pg from 'pg';
import type { Consent } from '../../domain/consent.ts';

/** Adds a line to the history, in the transaction that changes the user. Lines are never changed or deleted. */
export async function recordConsent(
  client: pg.ClientBase,
  userId: bigint,
  { given, at, source }: Consent,
): Promise<void> {
  await client.query('insert into identity.consent_changes (user_id, given, at, source) values ($1, $2, $3, $4)', [
    userId,
    given,
    at,
    source,
  ]);
}
