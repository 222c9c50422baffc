import type { PageRequest } from '../../../platform/kernel/contract.ts';
import { ID_MAX } from '../../../platform/kernel/id-text.ts';
import { cursorOf, pageLimit } from '../../../platform/kernel/pages.ts';
import type { DayCounts, DayList } from '../api.ts';
import { isDay } from '../domain/days.ts';
import type { DayQuery } from './ports.ts';

/** Where a page begins and how long it is; undefined for a cursor that is not ours. */
export function readPage(page: PageRequest | undefined): Pick<DayQuery, 'after' | 'limit'> | undefined {
  const limit = pageLimit(page);
  const cursor = cursorOf(page);
  if (cursor === undefined) return { limit, after: undefined };
  const [, day = '', id = ''] = /^(\S{10}) (\d{1,19})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (!isDay(day) || BigInt(id) > ID_MAX) return undefined;
  return { limit, after: { day, policyId: BigInt(id) } };
}

/** Cuts a list that was read with one row more than the page, which shows whether there is a next page. */
export function cutPage(days: readonly DayCounts[], limit: number): DayList {
  const last = days.length > limit ? days[limit - 1] : undefined;
  const nextCursor = last && Buffer.from(`${last.day} ${last.policyId}`, 'latin1').toString('base64url');
  return { days: days.slice(0, limit), nextCursor };
}
