import type pg from 'pg';
import type { IdentityStore } from '../../application/ports.ts';
import { postgresAccountStore } from './account-store.ts';
import { postgresApiKeyStore } from './api-key-store.ts';
import { reaching } from './reaching.ts';
import { postgresSessionStore } from './session-store.ts';
import { postgresUserStore } from './user-store.ts';

/**
 * Identity on PostgreSQL. Times are stored in milliseconds. `onEvents` is called after a commit that wrote events. Rejects with
 * Unavailable when PostgreSQL is unavailable.
 */
export const postgresIdentityStore = (pool: pg.Pool, onEvents: () => void): IdentityStore =>
  reaching({
    ...postgresUserStore(pool, onEvents),
    ...postgresAccountStore(pool, onEvents),
    ...postgresSessionStore(pool),
    ...postgresApiKeyStore(pool),
  });
