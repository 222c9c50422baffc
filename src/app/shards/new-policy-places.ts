import type { Clock } from '../../platform/kernel/clock.ts';
import type { CommandKey } from '../../platform/kernel/contract.ts';
import { numberOfKey } from './key-numbers.ts';
import type { ShardMap } from './shard-map.ts';

/**
 * Returns the shard for a new policy: one after the other, and for a request with a key the same one each time, because its result is
 * stored where its effect is.
 */
export function newPolicyPlaces({ shardsAt }: Pick<ShardMap, 'shardsAt'>, clock: Clock) {
  let created = 0;
  return ({ commandKey }: { readonly commandKey?: CommandKey | undefined }): number => {
    const number = commandKey === undefined ? created++ : numberOfKey(commandKey);
    return number % shardsAt(clock());
  };
}
