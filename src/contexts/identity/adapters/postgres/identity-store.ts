import type pg from 'pg';
import type { IdentityStore } from '../../application/ports.ts';
import { postgresApiKeyStore } from './api-key-store.ts';
import { reaching } from './reaching.ts';
import { postgresSessionStore } from './session-store.ts';
import { postgresUserStore } from './user-store.ts';

/**
 * Identity on PostgreSQL. Instants are kept to the millisecond. `onEvents` is called after a commit that published.
 * Throws Unavailable when PostgreSQL is away.
 */
export const postgresIdentityStore = (pool: pg.Pool, onEvents: () => void): IdentityStore =>
  reaching({
    ...postgresUserStore(pool, onEvents),
    ...postgresSessionStore(pool),
    ...postgresApiKeyStore(pool),
  });
