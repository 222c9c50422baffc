import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings } from '../../app/config.ts';
import { databasesOfShards } from '../../app/databases.ts';
import { shardsHere } from '../../app/local/shards-here.ts';
import { withExistingDatabases } from '../../app/local/with-databases.ts';
import { movePolicy } from '../../app/shards/move/move-policy.ts';
import { PLACES_MS } from '../../app/shards/policy-places.ts';
import { shardMapsOf } from '../../app/shards/shard-map.ts';
import { StartError } from '../../platform/kernel/start-error.ts';
import { run as audit } from '../audit/audit-run.ts';

export interface MovePolicyOptions {
  /** A decimal id. */
  readonly policy: string;
  /** The number of the shard. */
  readonly to: string;
  /** Seconds. */
  readonly settle: number;
}

/** `stampede shard move`: 0 when the policy is in that shard and its audits hold, else 1. */
export async function run({ policy, to, settle }: MovePolicyOptions): Promise<number> {
  const settings = readSettings(process.env);
  const shards = shardsHere(settings);
  const map = shardMapsOf(shards).coupon;
  const policyId = BigInt(policy);
  if (map === undefined) throw new StartError('coupon has one shard. Set COUPON_SHARDS as its processes have it.');
  const { from, codes } = await withExistingDatabases(settings, (databases) =>
    movePolicy({ policyId, to: Number(to), map, databaseUrls: databasesOfShards({ databases, shards }, 'coupon') }),
  );
  const moved = codes === undefined ? 'had moved before' : `has moved from shard ${from} with ${codes} codes`;
  process.stdout.write(`Policy ${policyId} is in shard ${to}: it ${moved}.\n`);
  // Every process has read the new place by then.
  await sleep(2 * PLACES_MS);
  const code = await audit({ policy, settle, json: false });
  if (code === 0) process.stdout.write('It is still paused: activate or resume it.\n');
  return code;
}
