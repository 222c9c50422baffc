/**
 * The constants that `stampede plan` computes with: what an issued coupon, a refusal, a checkout and an idle connection cost on this machine,
 * each measured on the real server in one process.
 */
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { prepareFixture } from '../issue/fixture.ts';
import { closeOnSignal } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { migrateSystem } from '../support/system.ts';
import { measureCheckout } from './checkout.ts';
import { measureConnection } from './connection.ts';
import { measureIssue, measureRefusal } from './issue.ts';

const TOKENS_PER_SECOND = 40_000;

const options = new Command('bench:plan')
  .option('--seconds <n>', 'load of one measurement', Number, 8)
  .option('--warm-seconds <n>', 'warm-up before it', Number, 3)
  .option('--checkouts <n>', 'of one measurement', Number, 10_000)
  .option('--connections <n>', 'idle connections', Number, 8_000)
  .option('--out <dir>', 'where plan.json goes; stampede plan reads docs/bench', 'docs/bench')
  .parse()
  .opts<{ seconds: number; warmSeconds: number; checkouts: number; connections: number; out: string }>();

/** Of the last minute: above 0.5, other work ran, too. */
const [loadBefore] = loadavg();
const { seconds, warmSeconds } = options;
const fixture = await prepareFixture(seconds * TOKENS_PER_SECOND, warmSeconds * TOKENS_PER_SECOND);
closeOnSignal(() => fixture.close());
try {
  const databaseUrl = await fixture.createDatabase('plan');
  await migrateSystem(databaseUrl);
  const issue = await measureIssue(fixture, databaseUrl, options);
  const refusal = await measureRefusal(fixture, databaseUrl, options);
  const checkout = await measureCheckout(fixture, options.checkouts);
  const connection = await measureConnection(fixture, databaseUrl, options.connections);
  const machine = await describeMachine(databaseUrl, fixture.load.name, undefined);
  const measured = { ranAt: new Date().toISOString(), loadBefore, machine, issue, refusal, checkout, connection };
  await writeFile(join(options.out, 'plan.json'), `${JSON.stringify(measured, undefined, 2)}\n`);
  console.log({ loadBefore, issue, refusal, checkout, connection });
} finally {
  await fixture.close();
}
