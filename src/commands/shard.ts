import type { Command } from 'commander';
import { defineMovePolicy } from './shard/move.ts';

/** What concerns the shards of a context. */
export function defineShard(program: Command): void {
  const shard = program.command('shard').description('the shards of coupons');
  defineMovePolicy(shard);
}
