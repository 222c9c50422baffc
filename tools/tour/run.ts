/**
 * npm run tour: clones what is committed, installs and starts it as the README says, and runs every block of the documents that is marked `bash tour`.
 * `-- --walk` ends with the first coupon. Prints the seconds of each step. Exit code 1: a block did not do what its document says.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { cloneInto, installIn, type StartedClone, startIn } from './clone.ts';
import { runTour, type Step } from './tour.ts';

const { values } = parseArgs({ options: { walk: { type: 'boolean', default: false } } });
const directory = openTemporaryDir('stampede-tour-');
const clone = join(directory, 'stampede');
let total = 0;
const onStep = ({ name, seconds }: Step): void => {
  total += seconds;
  process.stdout.write(`${seconds.toFixed(1).padStart(6)} s  ${name}\n`);
};

let server: StartedClone | undefined;
try {
  await timed('git clone', () => cloneInto(clone));
  await timed('npm ci', () => installIn(clone));
  server = await timed('npm start', () => startIn(clone, 0));
  await runTour({ clone, server, until: values.walk ? 'FIRST_COUPON' : 'END', onStep });
  process.stdout.write(
    `${total.toFixed(1).padStart(6)} s  ${values.walk ? 'from the clone to the first coupon' : 'in all'}\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function timed<Value>(name: string, work: () => Value | Promise<Value>): Promise<Value> {
  const startedMs = performance.now();
  const value = await work();
  onStep({ name, seconds: (performance.now() - startedMs) / 1000 });
  return value;
}
