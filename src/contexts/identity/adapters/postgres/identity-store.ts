import type pg from 'pg';
import type { IdentityStore } from '../../application/ports.ts';
import { postgresApiKeyStore } from './api-key-store.ts';
import { postgresSessionStore } from './session-store.ts';
import { postgresUserStore } from './user-store.ts';

/** Identity on PostgreSQL. Instants are kept to the millisecond. */
export const postgresIdentityStore = (pool: pg.Pool): IdentityStore => ({
  ...postgresUserStore(pool),
  ...postgresSessionStore(pool),
  ...postgresApiKeyStore(pool),
});
