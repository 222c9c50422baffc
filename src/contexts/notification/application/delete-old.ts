import type { TimeSource } from '../../../platform/kernel/clock.ts';
import { DAY_MS } from '../../../platform/kernel/durations.ts';
import type { InboxSignal, OldNotices } from './ports.ts';

/** How long a notice is kept. */
const KEPT_MS = 90 * DAY_MS;
/** Each look passes over the places of what was deleted before, so it finds more than one transaction deletes. */
const FOUND_MAX = 20_000;
const BATCH = 1_000;

/** Deletes old notices, batch after batch. Returns how many. */
export const deleteOldNotices =
  (store: OldNotices, { notify }: Pick<InboxSignal, 'notify'>, now: TimeSource) =>
  async (signal: AbortSignal): Promise<number> => {
    const before = new Date((await now()) - KEPT_MS);
    let total = 0;
    for (let found = FOUND_MAX; found === FOUND_MAX && !signal.aborted; ) {
      const old = await store.find(before, FOUND_MAX);
      found = old.length;
      for (let at = 0; at < old.length && !signal.aborted; at += BATCH) {
        const batch = old.slice(at, at + BATCH);
        total += await store.delete(batch);
        notify(batch.map(({ userId }) => userId));
      }
    }
    for (let forgotten = BATCH; forgotten === BATCH && !signal.aborted; ) {
      forgotten = await store.forgetDeleted(before, BATCH);
    }
    return total;
  };
