// npm run bench:lag: how old the outbox grows while coupons are issued at full speed. See bench/README.md.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareFixture } from '../issue/fixture.ts';
import { closeOnSignal } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { runDrain } from './drain.ts';
import { type LagMeasurement, POLICY_SECONDS, runMeasurement } from './measurement.ts';
import { readOptions } from './options.ts';

const options = readOptions(process.argv.slice(2));
if (options.drain === undefined) await measureLoad();
else console.log(await runDrain(options.drain));

async function measureLoad(): Promise<void> {
  const fixture = await prepareFixture(POLICY_SECONDS * options.tokensPerSecond, 1);
  closeOnSignal(() => fixture.close());
  try {
    const machine = await describeMachine(await fixture.createDatabase('about'), fixture.load.name, undefined);
    const measurements: LagMeasurement[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      for (const [index, main] of options.systems.entries()) {
        const measurement = await runMeasurement(fixture, options, main, `lag_${round}_${index}`);
        measurements.push(measurement);
        console.log(describe(measurement));
      }
    }
    await mkdir(options.out, { recursive: true });
    const results = { ranAt: new Date().toISOString(), machine, connections: options.connections, measurements };
    await writeFile(join(options.out, 'lag.json'), `${JSON.stringify(results)}\n`);
    if (measurements.some(({ fault }) => fault !== undefined)) process.exitCode = 1;
  } finally {
    await fixture.close();
  }
}

function describe(measurement: LagMeasurement): string {
  return [
    measurement.system,
    `${Math.round(measurement.issuedPerSecond)} issued/s`,
    `server CPU ${measurement.serverCpu.toFixed(2)}`,
    `age at most ${measurement.ageSecondsMax.toFixed(1)} s, at the end ${measurement.ageSecondsLast.toFixed(1)} s`,
    `drained in ${measurement.drainSeconds.toFixed(1)} s`,
    measurement.fault ?? '',
  ].join('  ');
}
