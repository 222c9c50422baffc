import type { Command } from 'commander';
import { defineList } from './dlq/list.ts';
import { defineReplay } from './dlq/replay.ts';
import { defineShow } from './dlq/show.ts';

/** Lists, shows and replays dead letters. */
export function defineDlq(program: Command): void {
  const dlq = program.command('dlq').description('events that a consumer could not handle');
  defineList(dlq);
  defineShow(dlq);
  defineReplay(dlq);
}
