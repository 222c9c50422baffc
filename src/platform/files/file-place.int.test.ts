import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { picture } from '../../../test/support/images.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/postgres.ts';
import { snowflake } from '../kernel/ids.ts';
import { leaseNode, type NodeLease } from '../postgres/node-lease.ts';
import { directoryId } from './directory-id.ts';
import { filePlace } from './file-place.ts';
import { type FileSettings, openFiles } from './open-files.ts';

const log = pino({ level: 'silent' });
const ELSEWHERE = { code: 'DEPENDENCY_UNAVAILABLE', message: expect.stringContaining('FILES_DIRECTORY') };
let home: TestDatabase;
let pool: pg.Pool;
let parent: string;
let leases: NodeLease[];
beforeEach(async () => {
  home = await testDatabase();
  pool = new pg.Pool({ connectionString: home.programUrl, max: 4 });
  parent = await mkdtemp(join(tmpdir(), 'stampede-file-place-'));
  leases = [];
});
afterEach(async () => {
  await Promise.all(leases.map((lease) => lease.stop()));
  await pool.end();
  await home.drop();
  await rm(parent, { recursive: true, force: true });
});

/** A live node, after its start. */
async function node(settings: FileSettings) {
  const lease = await leaseNode({ pool, clock: Date.now, log });
  leases.push(lease);
  const place = filePlace(settings, pool, lease.holder);
  const started = place.assertShared();
  await started.catch(() => {});
  const { assertShared } = place;
  const nextId = snowflake((atMs) => lease.node(atMs), Date.now);
  const { files, images } = openFiles(settings, { nextId, metrics: new Registry(), assertShared, log });
  return { ...place, files, started, lease, upload: async () => images.add(await picture(), { full: 64 }) };
}
const directory = (name: string): FileSettings => ({ kind: 'DIRECTORY', directory: join(parent, name) });
const bucket = (name: string): FileSettings => ({
  ...{ kind: 'S3', bucket: name, region: 'us-east-1', endpoint: 'http://127.0.0.1:9', pathStyle: true },
  ...{ accessKeyId: 'id', secretAccessKey: 'secret' },
});

it('nodes that share a directory store images that both of them find', async () => {
  const [first, second] = [await node(directory('shared')), await node(directory('shared'))];
  const name = (await first.upload()) ?? '';
  expect(await second.files.get(name)).toBeInstanceOf(Uint8Array);
  expect(await second.upload()).toBeTypeOf('string');
});

it('nodes with directories of their own refuse uploads while both live, and accept them when one is left', async () => {
  const [first, second] = [await node(directory('first')), await node(directory('second'))];
  await expect(second.started).rejects.toMatchObject(ELSEWHERE);
  for (const each of [first, second]) await expect(each.upload()).rejects.toMatchObject(ELSEWHERE);
  await second.lease.stop();
  expect(await first.upload()).toBeTypeOf('string');
});

it('a node that was killed counts until its lease has ended', async () => {
  const [first, second] = [await node(directory('first')), await node(directory('second'))];
  const dead = "update platform.node_leases set expires_at = clock_timestamp() - interval '1 second' where holder = $1";
  await pool.query(dead, [second.lease.holder]);
  expect(await first.upload()).toBeTypeOf('string');
});

it('a number that another node takes over does not keep the place of the node before', async () => {
  const first = await node(directory('first'));
  await pool.query(
    "update platform.node_leases set files_place = 'of a killed node', expires_at = now() - interval '1 day' where node <= 20 and holder is null",
  );
  await leaseNode({ pool, clock: Date.now, log }).then((lease) => leases.push(lease));
  await expect(first.assertShared()).resolves.toBeUndefined();
});

it('a directory and a bucket are two places, as are two buckets', async () => {
  await node(bucket('images'));
  await expect((await node(bucket('images'))).started).resolves.toBeUndefined();
  await expect((await node(bucket('others'))).started).rejects.toMatchObject(ELSEWHERE);
  await expect((await node(directory('files'))).started).rejects.toMatchObject(ELSEWHERE);
});

it('nodes that start together in an empty directory read one id, which is not the name of a file', async () => {
  const path = join(parent, 'new', 'files');
  const ids = await Promise.all(Array.from({ length: 8 }, () => directoryId(path)));
  expect(new Set(ids).size).toBe(1);
  expect(await readdir(path)).toEqual(['.stampede-files']);
  expect(await directoryId(join(parent, 'other'))).not.toBe(ids[0]);
});

it('a process on another database is compared by its place', async () => {
  const [own, other] = [await node(directory('first')), filePlace(directory('second'), pool, '')];
  await expect(own.assertSame(await own.id())).resolves.toBeUndefined();
  await expect(own.assertSame(await other.id())).rejects.toMatchObject(ELSEWHERE);
});
