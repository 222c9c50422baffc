import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { grpcCredentials } from '../../src/app/remote/credentials.ts';
import { type Etcd, openEtcd } from '../../src/app/remote/etcd.ts';
import { openRemotes } from '../../src/app/remote/remotes.ts';
import { serveContexts } from '../../src/app/remote/service-server.ts';
import type { TlsFiles } from '../../src/app/variables/service-variables.ts';
import { etcdClient } from '../../src/platform/etcd/client.ts';
import type { EtcdSettings } from '../../src/platform/etcd/settings.ts';
import { serviceTokens } from '../../src/platform/grpc/service-tokens.ts';
import { mapConcurrent } from '../../src/platform/kernel/map-concurrent.ts';
import { createLogger } from '../../src/platform/telemetry/logger.ts';
import { type EtcdServer, startEtcd } from '../../tools/etcd/start.ts';
import { callClockOf } from '../support/call-clock.ts';
import { authorityIn } from '../support/certificates.ts';
import { testEtcd } from '../support/etcd.ts';
import { STORE_CONTRACT, startStoreProcess, type Undo } from '../support/store-service.ts';

const available = await testEtcd();
const SECRET = 's'.repeat(32);
const tokens = serviceTokens([SECRET], callClockOf(Date.now));
const LEASE_MS = 20_000;
const silent = pino({ level: 'silent' });
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe.skipIf(available === undefined)('instances that are registered in etcd', () => {
  let server: EtcdServer;
  const undo: Undo = [];
  beforeEach(async () => {
    server = await startEtcd();
    undo.push(server.stop);
  });
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });
  afterAll(() => available?.stop());

  const settings = (changes: Partial<EtcdSettings> = {}): EtcdSettings => ({
    endpoints: [server.endpoint],
    isEncrypted: false,
    tls: {},
    login: undefined,
    prefix: '/stampede/',
    ...changes,
  });
  async function open(changes: Partial<EtcdSettings> = {}, log = silent): Promise<Etcd> {
    const etcd = await openEtcd(settings(changes), log);
    undo.push(etcd.close);
    return etcd;
  }
  /** The addresses of a context, as they are now. */
  function follow(etcd: Etcd, context = 'store'): () => readonly string[] {
    let now: readonly string[] = [];
    etcd.addressesOf(context).watch((addresses) => {
      now = addresses;
    });
    return () => now;
  }
  const register = async (address: string, changes: Partial<EtcdSettings> = {}): Promise<Etcd> => {
    const etcd = await open(changes);
    etcd.register(['store'], address);
    return etcd;
  };
  type Call = (request: object) => Promise<{ outcome: { value: { version: number; details: { process: string } } } }>;
  /** The caller of a store that is found in etcd. */
  async function connect(etcd: Etcd, files?: TlsFiles) {
    const metrics = new Registry();
    const remotes = await openRemotes({
      names: ['store'],
      settings: { addresses: {} },
      etcd,
      tokens,
      signPrincipal: undefined,
      credentials: grpcCredentials(files),
      metrics,
      log: silent,
    });
    undo.push(() => remotes.close());
    const api = remotes.apiOf('store', 'order') as Record<'checkStore' | 'deleteStore', Call>;
    const commandKey = () => ({ scope: 'test', key: randomUUID(), requestHash: new Uint8Array(32) });
    const instances = async (state: 'ready' | 'known') => {
      const { values = [] } = (await metrics.getSingleMetric('stampede_grpc_client_instances')?.get()) ?? {};
      return values.find(({ labels }) => labels['state' as never] === state)?.value;
    };
    return {
      ask: async () => (await api.checkStore({ storeId: 1n })).outcome.value.version,
      command: async () =>
        Number((await api.deleteStore({ storeId: 1n, commandKey: commandKey() })).outcome.value.details.process),
      instances,
    };
  }
  const store = () => startStoreProcess(undo, 0, server.endpoint);

  test('an instance is listed while it runs, and off the list at once when it leaves', async () => {
    const now = follow(await open());
    const one = await register('127.0.0.1:1001');
    await register('127.0.0.1:1002');
    await expect.poll(now).toEqual(['127.0.0.1:1001', '127.0.0.1:1002']);
    await one.check();
    await one.leave();
    // Its lease alone would keep it for ten seconds.
    await expect.poll(now, { timeout: 60_000 }).toEqual(['127.0.0.1:1002']);
  });

  test('services under another prefix, and of other contexts, are not found', async () => {
    const etcd = await open();
    const [stores, points] = [follow(etcd), follow(etcd, 'point')];
    await register('127.0.0.1:1001', { prefix: '/staging/' });
    etcd.register(['point', 'store'], '127.0.0.1:1002');
    await expect.poll(points).toEqual(['127.0.0.1:1002']);
    expect(stores()).toEqual(['127.0.0.1:1002']);
    expect(follow(etcd, 'stor')()).toEqual([]);
  });

  test('an instance that is killed is gone within its lease, one that is frozen comes back when it goes on', async () => {
    const now = follow(await open());
    const [killed, frozen] = [await store(), await store()];
    await register('127.0.0.1:1001');
    await expect.poll(() => now().length).toBe(3);
    await killed.end('SIGKILL');
    frozen.child.kill('SIGSTOP');
    await expect.poll(now, { timeout: LEASE_MS }).toEqual(['127.0.0.1:1001']);
    frozen.child.kill('SIGCONT');
    await expect.poll(now, { timeout: LEASE_MS }).toEqual(['127.0.0.1:1001', frozen.address].sort());
  });

  test('of three instances under load one dies, no command with a key fails, and the dead one is forgotten', async () => {
    const processes = await Promise.all([store(), store(), store()]);
    const caller = await connect(await open());
    await expect.poll(() => caller.instances('ready'), { timeout: 60_000 }).toBe(3);
    let sent = 0;
    const answered = await mapConcurrent(Array.from({ length: 900 }), 16, async () => {
      sent += 1;
      if (sent === 300) void processes[0]?.end('SIGKILL');
      return await caller.command();
    });
    expect(new Set(answered)).toEqual(new Set(processes.map(({ child }) => child.pid)));
    await expect.poll(() => caller.instances('known'), { timeout: LEASE_MS }).toBe(2);
  });

  test('while etcd is away calls go on, and instances that start meanwhile are found when it is back with its data', async () => {
    const first = await store();
    const caller = await connect(await open());
    expect(await caller.ask()).toBe(first.child.pid);
    await server.kill();
    const second = await store();
    expect(new Set(await mapConcurrent(Array.from({ length: 50 }), 4, caller.ask))).toEqual(new Set([first.child.pid]));
    await server.restart('kept');
    await expect.poll(() => caller.instances('ready'), { timeout: LEASE_MS }).toBe(2);
    await expect
      .poll(async () => new Set(await mapConcurrent(Array.from({ length: 30 }), 6, caller.ask)), { timeout: 60_000 })
      .toEqual(new Set([first.child.pid, second.child.pid]));
  });

  test('when etcd loses its data calls go on, and every instance registers again', async () => {
    const first = await store();
    const etcd = await open();
    const now = follow(etcd);
    const caller = await connect(etcd);
    // So that the revision of the new store is behind that of the old one.
    for (let index = 0; index < 20; index++) await server.post('kv/put', { key: base64('other'), value: '' });
    expect(await caller.ask()).toBe(first.child.pid);
    await server.kill();
    await server.restart('lost');
    expect(await caller.ask()).toBe(first.child.pid);
    await expect.poll(now, { timeout: LEASE_MS }).toEqual([first.address]);
    const second = await store();
    await expect.poll(now, { timeout: LEASE_MS }).toEqual([first.address, second.address].sort());
    await first.end('SIGKILL');
    await expect.poll(now, { timeout: LEASE_MS }).toEqual([second.address]);
  });

  test('an instance that ends while etcd is away, and is not in it afterwards, is forgotten', async () => {
    const now = follow(await open());
    const ended = await store();
    await register('127.0.0.1:1001');
    await expect.poll(now).toEqual(['127.0.0.1:1001', ended.address].sort());
    await server.kill();
    await ended.end('SIGKILL');
    await server.restart('lost');
    await expect.poll(now, { timeout: LEASE_MS }).toEqual(['127.0.0.1:1001']);
  });

  test('a frozen etcd stops neither calls nor the end of a process', async () => {
    const first = await store();
    const etcd = await open();
    etcd.register(['point'], '127.0.0.1:1001');
    const caller = await connect(etcd);
    await expect
      .poll(() =>
        etcd.check().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
    server.signal('SIGSTOP');
    expect(await caller.ask()).toBe(first.child.pid);
    await expect
      .poll(
        () =>
          etcd.check().then(
            () => true,
            () => false,
          ),
        { timeout: LEASE_MS },
      )
      .toBe(false);
    expect(await caller.ask()).toBe(first.child.pid);
    await etcd.leave();
    server.signal('SIGCONT');
    const now = follow(await open(), 'point');
    await expect.poll(now, { timeout: LEASE_MS }).toEqual([]);
  });

  test('a revision that etcd has forgotten cannot be watched from', async () => {
    const client = etcdClient({
      endpoints: [server.endpoint],
      credentials: credentials.createInsecure(),
      login: undefined,
    });
    undo.push(client.close);
    for (const value of ['1', '2', '3']) await server.post('kv/put', { key: base64('/a/x'), value: base64(value) });
    const { revision, entries } = await client.list('/a/');
    expect(entries).toEqual([{ key: '/a/x', value: '3' }]);
    await server.post('kv/compaction', { revision: String(revision) });
    const { signal } = new AbortController();
    await expect(client.watch('/a/', revision - 3n, () => {}, signal)).rejects.toThrow('compacted');
    await expect(client.watch('/a/', revision + 1_000n, () => {}, signal)).rejects.toThrow('lost its data');
    const seen: unknown[] = [];
    const stopping = new AbortController();
    const watching = client.watch('/a/', revision, (changes) => seen.push(...changes), stopping.signal);
    await server.post('kv/put', { key: base64('/a/y'), value: base64('4') });
    await server.post('kv/put', { key: base64('/b/y'), value: base64('5') });
    await server.post('kv/deleterange', { key: base64('/a/y') });
    await expect
      .poll(() => seen)
      .toEqual([
        { key: '/a/y', value: '4', isDeleted: false },
        { key: '/a/y', value: '', isDeleted: true },
      ]);
    stopping.abort();
    await expect(watching).resolves.toBeUndefined();
  });

  test('an entry that is no address is ignored, and a member that is away is passed over', async () => {
    const now = follow(await open({ endpoints: ['127.0.0.1:1', server.endpoint] }));
    for (const value of ['', 'x', 'http://127.0.0.1:1', '127.0.0.1:1 ', `${'x'.repeat(300)}:1`, '127.0.0.1:1001']) {
      await server.post('kv/put', { key: base64(`/stampede/services/store/${randomUUID()}`), value: base64(value) });
    }
    await expect.poll(now, { timeout: 60_000 }).toEqual(['127.0.0.1:1001']);
  });

  test('docs/attacks.md 37: an address on another machine in etcd is not called without encryption', async () => {
    const own = await store();
    const key = base64('/stampede/services/store/forged');
    await server.post('kv/put', { key, value: base64('192.0.2.1:50051') });
    const caller = await connect(await open());
    expect(await mapConcurrent(Array.from({ length: 20 }), 4, caller.ask)).toEqual(Array(20).fill(own.child.pid));
    expect(await caller.instances('known')).toBe(1);
  });

  test('a wrong password stops the start, and a right one may only do what its role may', async () => {
    await server.post('auth/role/add', { name: 'root' });
    await server.post('auth/user/add', { name: 'root', password: 'root-secret' });
    await server.post('auth/user/grant', { user: 'root', role: 'root' });
    await server.post('auth/role/add', { name: 'stampede' });
    const [from, to] = [base64('/stampede/'), base64('/stampede0')];
    const perm = { permType: 'READWRITE', key: from, range_end: to };
    await server.post('auth/role/grant', { name: 'stampede', perm });
    await server.post('auth/user/add', { name: 'stampede', password: 'secret' });
    await server.post('auth/user/grant', { user: 'stampede', role: 'stampede' });
    await server.post('auth/enable', {});
    const login = { user: 'stampede', password: 'secret' };
    const etcd = await open({ login });
    const now = follow(etcd);
    await register('127.0.0.1:1001', { login });
    await expect.poll(now).toEqual(['127.0.0.1:1001']);
    const wrong = { user: 'stampede', password: 'wrong' };
    await expect(open({ login: wrong })).rejects.toThrow(/etcd refuses ETCD_USER=stampede: (?!.*wrong)/);
    await expect(open()).rejects.toThrow('etcd refuses a process without ETCD_USER');
    await expect(open({ login, prefix: '/other/' })).rejects.toThrow('Set a user that may read and write /other/');
    // The token that it had is not valid any more.
    await server.kill();
    await server.restart('kept');
    await register('127.0.0.1:1002', { login });
    await expect.poll(now, { timeout: LEASE_MS }).toEqual(['127.0.0.1:1001', '127.0.0.1:1002']);
  });

  describe('with certificates', () => {
    let directory: string;
    beforeEach(() => {
      directory = mkdtempSync(join(tmpdir(), 'stampede-etcd-tls-'));
      undo.push(() => rmSync(directory, { recursive: true, force: true }));
    });

    test('etcd is called when its authority is the given one, and not otherwise', async () => {
      const tls = authorityIn(directory, 'ours').certify('localhost');
      const encrypted = await startEtcd(tls);
      undo.push(encrypted.stop);
      const endpoints = [encrypted.endpoint.replace('127.0.0.1', 'localhost')];
      const etcd = await open({ endpoints, isEncrypted: true, tls: { ca: tls.ca } });
      etcd.register(['store'], '127.0.0.1:1001');
      await expect.poll(follow(etcd)).toEqual(['127.0.0.1:1001']);
      const lines: string[] = [];
      const log = createLogger('warn', { write: (line: string) => void lines.push(line) });
      const theirs = authorityIn(directory, 'theirs').certify('localhost');
      const other = await open({ endpoints, isEncrypted: true, tls: { ca: theirs.ca } }, log);
      await expect(other.check()).rejects.toThrow();
      expect(lines[0]).toContain('cannot be reached yet');
      await expect(open({ tls: { ca: '/nonexistent' }, isEncrypted: true })).rejects.toThrow('ETCD_CA cannot be read');
    });

    test('docs/attacks.md 37: an address in etcd is trusted when its certificate names the context, and not otherwise', async () => {
      const ours = authorityIn(directory, 'ours');
      const order = ours.certify('order');
      const serve = async (files: TlsFiles | undefined, version: number): Promise<void> => {
        const others = Object.keys(STORE_CONTRACT.methods).map((name) => [name, () => Promise.reject(new Error(name))]);
        const standing = { storeId: 1n, ownerId: 1n, isOpen: true, version, staff: [] };
        const checkStore = async () => ({ outcome: { $case: 'standing', value: standing } });
        const grpc = await serveContexts({
          modules: { store: { api: { ...Object.fromEntries(others), checkStore }, jobs: [], stop: async () => {} } },
          others: [],
          tokens,
          isPrincipal: () => true,
          credentials: grpcCredentials(files),
          host: '127.0.0.1',
          port: 0,
          log: silent,
        });
        undo.push(() => grpc.stop(500));
        await register(`127.0.0.1:${grpc.port}`);
      };
      // Of a service of ours that is another one, of another authority, and without any.
      await serve(order, 666);
      await serve({ ...authorityIn(directory, 'theirs').certify('store'), ca: order.ca }, 667);
      await serve(undefined, 668);
      const caller = await connect(await open(), order);
      await expect.poll(() => caller.instances('known'), { timeout: 60_000 }).toBe(3);
      await expect(caller.ask()).rejects.toMatchObject({ code: 'DEPENDENCY_UNAVAILABLE' });
      await serve(ours.certify('store'), 1);
      await expect.poll(() => caller.instances('ready'), { timeout: 60_000 }).toBe(1);
      const answered = await mapConcurrent(Array.from({ length: 100 }), 8, caller.ask);
      expect(new Set(answered)).toEqual(new Set([1]));
    });
  });
});
