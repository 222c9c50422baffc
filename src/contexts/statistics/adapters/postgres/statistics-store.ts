import type pg from 'pg';
import { handleOnce } from '../../../../platform/postgres/inbox.ts';
import type { Reader } from '../../../../platform/postgres/reader.ts';
import { inTransaction } from '../../../../platform/postgres/transaction.ts';
import { CONSUMER, type StatisticsStore } from '../../application/ports.ts';
import { byPlace, type Hour, NOTHING, sameCounts } from '../../domain/hours.ts';
import { daysOf, daysOfStore, hoursOf, listDays, sumOfStore } from './day-lists.ts';
import { addHours, closeHours, readHours } from './hour-rows.ts';

/** Hours written by one statement. */
const CHUNK = 1_000;
const RECOUNTED = 'select until from statistics.recounts';
const SET_RECOUNTED = `
  insert into statistics.recounts (name, until) values ('hourly', $1) on conflict (name) do update set until = excluded.until`;

/** `reads` serves what users see, which may be up to 5 s old. What is counted and recounted is read in `pool`. */
export function postgresStatisticsStore(pool: pg.Pool, reads: Reader = pool): StatisticsStore {
  return {
    countOnce: (events, tally) =>
      inTransaction(pool, async (client) => {
        const hours = tally(await handleOnce(client, CONSUMER, events));
        if (hours.length > 0) await addHours(client, hours);
      }),

    async replace(fromMs, untilMs, recounted) {
      const stored = await readHours(pool, { within: { fromMs, untilMs } });
      const before = new Map(stored.map((hour) => [placeOf(hour), hour]));
      const places = new Set(recounted.map(placeOf));
      const vanished = stored
        .filter((hour) => !places.has(placeOf(hour)))
        .map((hour) => ({ ...hour, counts: NOTHING }));
      const wanted = [...recounted, ...vanished].sort(byPlace);
      const isRight = (hour: Hour): boolean => sameCounts(hour.counts, before.get(placeOf(hour))?.counts ?? NOTHING);
      const open = wanted.filter((hour) => !before.get(placeOf(hour))?.closed || !isRight(hour));
      for (let at = 0; at < open.length; at += CHUNK) await closeHours(pool, open.slice(at, at + CHUNK));
      return wanted.filter((hour) => !isRight(hour)).length;
    },

    async recountedUntilMs() {
      const { rows } = await pool.query<{ until: Date }>(RECOUNTED);
      return rows[0]?.until.getTime();
    },
    async setRecountedUntilMs(untilMs) {
      await pool.query(SET_RECOUNTED, [new Date(untilMs)]);
    },
    listDays: (query) => listDays(reads, query),
    daysOf: (policyId, limit) => daysOf(reads, policyId, limit),
    daysOfStore: (storeId, limit) => daysOfStore(reads, storeId, limit),
    sumOfStore: (storeId) => sumOfStore(reads, storeId),
    hoursOf: (policyId) => hoursOf(reads, policyId),
  };
}

const placeOf = ({ policyId, startsAtMs }: Hour): string => `${policyId} ${startsAtMs}`;
