import { addFields } from '../../../../platform/kernel/add-fields.ts';
import { localHour } from '../../../../platform/kernel/time-zone.ts';
import type {
  CountActivityRequest,
  CountActivityResponse,
  CountReservedRequest,
  CountReservedResponse,
  HourActivity,
  ListPolicyIdsRequest,
  ListPolicyIdsResponse,
} from '../../api.ts';
import type { ActivityReader, Quarter } from './ports.ts';

export const countActivity =
  (reader: ActivityReader) =>
  async ({ policyIds, from, to }: CountActivityRequest): Promise<CountActivityResponse> => {
    if (!from || !to) throw new Error('countActivity needs from and to');
    return { activity: byLocalHour(await reader.quarters({ policyIds, from, to })) };
  };

/** Sums quarter hours into hours of their policies' calendars, in the order of the quarters. */
export function byLocalHour(quarters: readonly Quarter[]): HourActivity[] {
  const hours = new Map<string, HourActivity>();
  for (const { policyId, storeId, timezone, startsAtMs: quarterMs, counts } of quarters) {
    const { day, hour, startsAtMs } = localHour(timezone, quarterMs);
    const key = `${policyId} ${startsAtMs}`;
    const before = hours.get(key);
    const sum = before ? addFields(before, counts) : counts;
    hours.set(key, { policyId, storeId, day, hour, startsAt: new Date(startsAtMs), ...sum });
  }
  return [...hours.values()];
}

export const countReserved =
  (reader: ActivityReader) =>
  async ({ policyId }: CountReservedRequest): Promise<CountReservedResponse> => ({
    reserved: await reader.countReserved(policyId),
  });

export const POLICY_IDS_MAX = 10_000;

export const listPolicyIds =
  (reader: ActivityReader) =>
  async ({ storeIds }: ListPolicyIdsRequest): Promise<ListPolicyIdsResponse> => ({
    policyIds: await reader.policyIdsOf(storeIds, POLICY_IDS_MAX),
  });
