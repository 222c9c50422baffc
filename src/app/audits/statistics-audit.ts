import { readQuarters } from '../../contexts/coupon/adapters/postgres/queries/activity-reader.ts';
import { byLocalHour } from '../../contexts/coupon/application/queries/count-activity.ts';
import { readHours } from '../../contexts/statistics/adapters/postgres/hour-rows.ts';
import { toHour } from '../../contexts/statistics/application/recount.ts';
import { COUPON_TOPICS } from '../../contexts/statistics/domain/coupon-fact.ts';
import { COUNT_NAMES, type Hour, NOTHING } from '../../contexts/statistics/domain/hours.ts';
import type { Audit, AuditScope, Snapshot } from '../../platform/context.ts';
import { queuedValues } from '../../platform/events/written-events.ts';
import { auditResult } from './audit-result.ts';

/** Events younger than this may not be counted yet: twice the documented delay of statistics. */
const QUIET_MS = 10_000;
/** The most outbox rows that are read; with more, any event may be pending. */
const QUEUED_ROWS_MAX = 1_000;
const ALL_TIME = { from: new Date(0), to: new Date('9999-01-01T00:00:00Z') };

/** A policy's hour that statistics count in another way than the coupons do. */
interface HourDifference {
  readonly name: string;
  readonly violation: string;
  readonly seen: string;
}
export interface StatisticsLook {
  readonly figures: { readonly hours: number; readonly facts: number; readonly behind: number };
  readonly differences: readonly HourDifference[];
}

/**
 * Compares what statistics count with a recount. Only committed facts are counted, so statistics are never above
 * a recount, and equal to it when no event is pending.
 * @param statistics a snapshot that is not newer than `coupons`
 * @param coupons a snapshot of the database of coupons and of their outbox, for each shard
 */
export async function compareStatistics(
  statistics: Snapshot,
  coupons: readonly Snapshot[],
  { policyId }: AuditScope,
): Promise<StatisticsLook> {
  const policyIds = policyId === undefined ? [] : [policyId];
  const quarters = (await inOrder(coupons, (each) => readQuarters(each, { policyIds, ...ALL_TIME }))).flat();
  const recountedList = byLocalHour(quarters).map(toHour);
  const storedList = await readHours(statistics, { policyId });
  const queues = await inOrder(coupons, queued);
  const isQueued = (id: bigint): boolean => queues.some((queue) => queue(id));
  const nowMs = Math.min(...(await inOrder(coupons, nowOf)));
  const busy = new Set<bigint>();
  for (const { policyId: id, latestAtMs } of quarters) {
    if (latestAtMs > nowMs - QUIET_MS || isQueued(id)) busy.add(id);
  }

  const recountedHours = new Map(recountedList.map((hour) => [hourKey(hour), hour]));
  const storedHours = new Map(storedList.map((hour) => [hourKey(hour), hour]));
  const behind = new Set<bigint>();
  const differences: HourDifference[] = [];
  for (const hour of new Map([...storedHours, ...recountedHours]).values()) {
    const key = hourKey(hour);
    const stored = storedHours.get(key)?.counts ?? NOTHING;
    const recounted = recountedHours.get(key)?.counts ?? NOTHING;
    const above = COUNT_NAMES.filter((name) => name !== 'discountAmount' && stored[name] > recounted[name]);
    const different = COUNT_NAMES.filter((name) => stored[name] !== recounted[name]);
    if (different.length > 0 && busy.has(hour.policyId)) behind.add(hour.policyId);
    const wrong = busy.has(hour.policyId) ? above : different;
    if (wrong.length === 0) continue;
    const difference = wrong.map((name) => `${name} ${stored[name]}, recounted ${recounted[name]}`).join(', ');
    differences.push({
      name: key,
      violation: `policy ${hour.policyId} on ${hour.day}, hour ${hour.hour}: ${difference}`,
      seen: COUNT_NAMES.map((name) => `${stored[name]} ${recounted[name]}`).join(),
    });
  }
  const facts = quarters.reduce((sum, { counts }) => sum + factsIn(counts), 0);
  return { figures: { hours: recountedList.length, facts, behind: behind.size }, differences };
}

/** Compares two contexts in one snapshot; that is why it is part of the app. */
export const statisticsAudit: Audit = {
  name: 'statistics equal a recount of the coupons, and where events are on their way they are not above it',
  async run(snapshot, scope) {
    const { figures, differences } = await compareStatistics(snapshot, [snapshot], scope);
    return auditResult(
      figures,
      differences.map(({ violation }) => violation),
    );
  },
};

/** Reads one after the other: an audit is in no hurry, and leaves the databases to those who are. */
async function inOrder<Result>(
  snapshots: readonly Snapshot[],
  read: (snapshot: Snapshot) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (const snapshot of snapshots) results.push(await read(snapshot));
  return results;
}

const hourKey = ({ policyId, startsAtMs }: Hour): string => `${policyId} ${startsAtMs}`;

const factsIn = (counts: Hour['counts']): number =>
  COUNT_NAMES.reduce((sum, name) => sum + (name === 'discountAmount' ? 0 : Number(counts[name])), 0);

async function queued(snapshot: Snapshot): Promise<(policyId: bigint) => boolean> {
  const policies = await queuedValues(snapshot, COUPON_TOPICS, 'policyId', QUEUED_ROWS_MAX);
  return (policyId) => policies === undefined || policies.has(String(policyId));
}

async function nowOf(snapshot: Snapshot): Promise<number> {
  const { rows } = await snapshot.query<{ now: Date }>('select now()');
  const [row] = rows;
  // Not an early time instead: every policy would count as busy, and counts that are too low would pass.
  if (!row) throw new Error('select now() returned no row');
  return row.now.getTime();
}
