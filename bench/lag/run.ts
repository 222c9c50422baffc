// npm run bench:lag: how old the outbox grows while coupons are issued at full speed. See bench/README.md.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareGround } from '../issue/ground.ts';
import { closeOnSignal } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { runDrain } from './drain.ts';
import { readOptions } from './options.ts';
import { type LagSlice, POLICY_SECONDS, runSlice } from './slice.ts';

const options = readOptions(process.argv.slice(2));
if (options.drain === undefined) await measureLoad();
else console.log(await runDrain(options.drain));

async function measureLoad(): Promise<void> {
  const ground = await prepareGround(POLICY_SECONDS * options.tokensPerSecond, 1);
  closeOnSignal(() => ground.close());
  try {
    const machine = await describeMachine(await ground.createDatabase('about'), ground.load.name, undefined);
    const slices: LagSlice[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      for (const [index, main] of options.systems.entries()) {
        const slice = await runSlice(ground, options, main, `lag_${round}_${index}`);
        slices.push(slice);
        console.log(describe(slice));
      }
    }
    await mkdir(options.out, { recursive: true });
    const results = { ranAt: new Date().toISOString(), machine, connections: options.connections, slices };
    await writeFile(join(options.out, 'lag.json'), `${JSON.stringify(results)}\n`);
    if (slices.some(({ fault }) => fault !== undefined)) process.exitCode = 1;
  } finally {
    await ground.close();
  }
}

function describe(slice: LagSlice): string {
  return [
    slice.system,
    `${Math.round(slice.issuedPerSecond)} issued/s`,
    `server CPU ${slice.serverCpu.toFixed(2)}`,
    `age at most ${slice.ageSecondsMax.toFixed(1)} s, at the end ${slice.ageSecondsLast.toFixed(1)} s`,
    `drained in ${slice.drainSeconds.toFixed(1)} s`,
    slice.fault ?? '',
  ].join('  ');
}
