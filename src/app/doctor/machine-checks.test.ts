import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readSettings } from '../config.ts';
import { ALL } from '../parts.ts';
import { freeSpace, MACHINE_CHECKS, nodeVersion, openFiles, syncTime } from './machine-checks.ts';
import { runDoctor } from './run-doctor.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'stampede-doctor-'));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const examine = (env: Readonly<Record<string, string>>) =>
  runDoctor(
    { settings: readSettings({ STAMPEDE_DATA_DIR: dataDir, ...env }), target: ALL, processes: 0 },
    MACHINE_CHECKS,
  );

it('a port that another program has is a failure that names its variable', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const found = await examine({ PORT: String(port) }).finally(() => holder.close());
  expect(found.filter(({ check }) => check === 'ports')).toEqual([
    { check: 'ports', verdict: 'fail', text: expect.stringMatching(/EADDRINUSE.*set PORT to a free one/) },
  ]);
});

it('the examination of the disk leaves nothing in the data directory', async () => {
  const found = await examine({ PORT: '0' });
  expect(found.map(({ check }) => check)).toEqual(['Node', 'ports', 'open files', 'disk', 'disk']);
  expect(readdirSync(dataDir)).toEqual([]);
});

it('the disk of a PostgreSQL elsewhere is not examined', async () => {
  const found = await examine({ PORT: '0', DATABASE_URL: 'postgres://a:b@127.0.0.1:1/none' });
  expect(found.map(({ check }) => check)).not.toContain('disk');
});

it.each([
  ['an old Node is a failure', () => nodeVersion('22.1.0'), 'fail'],
  ['Node 24 is in order', () => nodeVersion('24.0.0'), 'ok'],
  ['a limit of 1,024 open files is a warning', () => openFiles(1_024)[0], 'warn'],
  ['no limit of open files is in order', () => openFiles(Number.POSITIVE_INFINITY)[0], 'ok'],
  ['a disk with 50 MB left is a failure', () => freeSpace('/', 50), 'fail'],
  ['a disk with 500 MB left is a warning', () => freeSpace('/', 500), 'warn'],
  ['a disk with 5 GB left is in order', () => freeSpace('/', 5_000), 'ok'],
  ['a disk that takes 30 ms for a write is a warning', () => syncTime(30), 'warn'],
  ['a disk that takes 1 ms for a write is in order', () => syncTime(1), 'ok'],
])('%s', (_, find, verdict) => {
  expect(find()?.verdict).toBe(verdict);
});
