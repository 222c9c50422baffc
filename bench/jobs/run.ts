import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openTemporaryDir } from '../../test/support/open-temporary-dir.ts';
import { openFixture } from '../codes/fixture.ts';
import { closeOnSignal } from '../support/child.ts';
import { describeMachine } from '../support/machine.ts';
import { asAdmin, postmasterOf } from '../support/postgres.ts';
import { migrateSystem, startSystem } from '../support/system.ts';
import { measureFile } from './file-section.ts';
import { measureSteps } from './steps-section.ts';

// A CSV of a million users as a job of the whole system, and what the size of a step does to the runner alone.
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    steps: { type: 'string', default: '100,256,1000,2000,4000' },
    'step-rows': { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '3' },
    out: { type: 'string', default: 'docs/bench' },
  },
});

const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
const fixture = await openFixture();
const workDir = openTemporaryDir('stampede-bench-jobs-');
closeOnSignal(close);
try {
  const [fileUrl, stepsUrl] = [await database('file'), await database('steps')];
  const sizes = values.steps.split(',').filter(Boolean).map(Number);
  say(`steps of ${sizes.join(', ')} rows`);
  const steps = await measureSteps(stepsUrl, sizes, Number(values['step-rows']), Number(values.rounds));
  say(`a file of ${values.rows} users`);
  const results = {
    at: new Date().toISOString(),
    machine: await describeMachine(fixture.url, 'none', undefined),
    steps,
    file: await measureOne(fileUrl),
  };
  await mkdir(values.out, { recursive: true });
  await writeFile(join(values.out, 'jobs.json'), `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(JSON.stringify({ steps, file: results.file }, undefined, 2));
  console.log(`\nWritten: ${values.out}/jobs.json`);
} finally {
  await close();
}

async function close(): Promise<void> {
  await fixture.close();
  await rm(workDir, { recursive: true, force: true });
}

async function database(name: string): Promise<string> {
  await asAdmin(fixture.url, (client) => client.query(`create database ${name}`));
  const url = new URL(fixture.url);
  url.pathname = `/${name}`;
  await migrateSystem(url.href);
  return url.href;
}

async function measureOne(databaseUrl: string) {
  const jwtSecret = randomBytes(36).toString('base64url');
  const server = await startSystem({ databaseUrl, jwtSecret, workDir });
  try {
    const system = { databaseUrl, jwtSecret, postmaster: await postmasterOf(databaseUrl) };
    return await measureFile(server, system, Number(values.rows));
  } finally {
    await server.stop();
  }
}
