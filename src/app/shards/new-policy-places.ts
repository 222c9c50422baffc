import { createHash } from 'node:crypto';
import type { Clock } from '../../platform/kernel/clock.ts';
import type { CommandKey } from '../../platform/kernel/contract.ts';
import type { ShardMap } from './shard-map.ts';

/**
 * Returns the shard for a new policy: one after the other, and for a request with a key the same one each time, because its result is
 * stored where its effect is.
 */
export function newPolicyPlaces({ shardsAt }: Pick<ShardMap, 'shardsAt'>, clock: Clock) {
  let created = 0;
  return ({ commandKey }: { readonly commandKey?: CommandKey | undefined }): number => {
    const number = commandKey === undefined ? created++ : numberOf(commandKey);
    return number % shardsAt(clock());
  };
}

const numberOf = ({ scope, key }: CommandKey): number =>
  createHash('sha256').update(`${scope} ${key}`).digest().readUInt32BE();
