import { setTimeout as sleep } from 'node:timers/promises';
import type { LifeCommand } from '../../domain/life-command.ts';
import type { CouponLife } from '../coupon-life.ts';

/** As many as one group of the bulk lane takes. */
const GROUP = 1_024;
const PAGE = 16 * GROUP;
/** Of the time, so much is left to others: what customers wait for shares PostgreSQL and this process. */
const REST = 0.3;

export interface DueWork<Id> {
  /** The longest overdue first. */
  readonly due: (limit: number) => Promise<readonly Id[]>;
  readonly command: (id: Id) => LifeCommand;
  readonly life: Pick<CouponLife, 'submitBulk'>;
}

/**
 * Does everything that is due, a group after the other, with rests between them. Ends after the group at which `signal`
 * was aborted. Answers how much was done.
 */
export async function workOff<Id>({ due, command, life }: DueWork<Id>, signal: AbortSignal): Promise<number> {
  let total = 0;
  for (let isMore = true; isMore && !signal.aborted; ) {
    const ids = await due(PAGE);
    let done = 0;
    for (let from = 0; from < ids.length && !signal.aborted; from += GROUP) {
      const startedMs = performance.now();
      const outcomes = await Promise.all(ids.slice(from, from + GROUP).map((id) => life.submitBulk(command(id))));
      done += outcomes.filter(({ kind }) => kind === 'done').length;
      if (from + GROUP < ids.length) await sleep(((performance.now() - startedMs) * REST) / (1 - REST));
    }
    total += done;
    // A page of which nothing could be done would come again and again.
    isMore = ids.length === PAGE && done > 0;
  }
  return total;
}
