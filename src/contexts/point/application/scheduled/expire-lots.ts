import type { TimeSource } from '../../../../platform/kernel/clock.ts';
import type { PointLedger } from '../point-ledger.ts';
import type { ExpiryStore } from '../ports.ts';

/** Lots of one batch; those of one user are one transaction. */
const BATCH_LOTS = 1_000;

/** Removes the rest of lots that have expired. Returns their number. */
export const expireLots =
  (store: Pick<ExpiryStore, 'expired'>, ledger: PointLedger, now: TimeSource) =>
  async (signal: AbortSignal): Promise<number> => {
    let done = 0;
    while (!signal.aborted) {
      const lots = await store.expired(await now(), BATCH_LOTS);
      const byUser = Map.groupBy(lots, ({ userId }) => userId);
      const outcomes = await Promise.all(
        [...byUser].map(([userId, of]) =>
          ledger.submitBulk({ kind: 'EXPIRE', userId, lotIds: of.map(({ id }) => id) }),
        ),
      );
      // Another node has emptied all of them, or there are none. The next run reads again.
      if (outcomes.every(({ kind }) => kind === 'nothing')) return done;
      done += lots.length;
      if (lots.length < BATCH_LOTS) return done;
    }
    return done;
  };
