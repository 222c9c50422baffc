import { type Command, InvalidArgumentError } from 'commander';
import { runBody } from './run-body.ts';

export const defineAudit = (program: Command): Command =>
  program
    .command('audit')
    .description('check every invariant on the live system; exit 1 when one is broken')
    .option('--policy <id>', 'only this coupon policy', id)
    .option('--json', 'print one JSON document', false)
    .action(runBody(() => import('./audit-run.ts')));

const ID_MAX = 2n ** 63n - 1n;

/** Ids have 63 bits: they stay text. */
function id(text: string): string {
  if (/^[1-9]\d{0,18}$/.test(text) && BigInt(text) <= ID_MAX) return text;
  throw new InvalidArgumentError('It must be an id, a decimal number.');
}
