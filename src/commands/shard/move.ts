import { type Command, Option } from 'commander';
import { SHARDS_MAX } from '../../app/variables/shard-variables.ts';
import { idOption, wholeNumber } from '../options.ts';
import { runBody } from '../run-body.ts';

const SHARDS = Array.from({ length: SHARDS_MAX }, (_, shard) => String(shard));

export const defineMovePolicy = (shard: Command): Command =>
  shard
    .command('move')
    .description('move a paused policy that has issued nothing to another shard; then audit it')
    .requiredOption('--policy <id>', 'which', idOption)
    .addOption(new Option('--to <shard>', 'the number of the other shard').choices(SHARDS).makeOptionMandatory())
    .option('--settle <seconds>', 'between the two looks of the audit at a difference', wholeNumber(3_600), 60)
    .action(runBody(() => import('./move-run.ts')));
