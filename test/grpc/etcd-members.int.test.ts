import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { type Etcd, openEtcd } from '../../src/app/remote/etcd.ts';
import { type EtcdServer, startEtcdMembers } from '../../tools/etcd/start.ts';
import { testEtcd } from '../support/etcd.ts';

const available = await testEtcd();
await available?.stop();
const silent = pino({ level: 'silent' });
/** A lease ends after 10 s, and a call is given up after 3 s. */
const AWAY = { timeout: 60_000 };

describe.skipIf(available === undefined)('an etcd of three members', () => {
  const undo: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function open(members: readonly EtcdServer[]): Promise<Etcd> {
    const endpoints = members.map(({ endpoint }) => endpoint);
    const settings = { endpoints, isEncrypted: false, tls: {}, login: undefined, prefix: '/stampede/' };
    const etcd = await openEtcd(settings, silent);
    undo.push(etcd.close);
    return etcd;
  }
  function follow(etcd: Etcd): () => readonly string[] {
    let now: readonly string[] = [];
    etcd.addressesOf('store').watch((addresses) => {
      now = addresses;
    });
    return () => now;
  }
  /** An instance whose process has connections of its own, beginning with that member. */
  async function join(members: readonly EtcdServer[], address: string): Promise<Etcd> {
    const etcd = await open(members);
    etcd.register(['store'], address);
    return etcd;
  }

  test('a lost member of etcd changes nothing, and without a majority the last known instances go on', async () => {
    const members = await startEtcdMembers();
    undo.push(async () => {
      await Promise.all(members.map((each) => each.stop()));
    });
    const [one, two, three] = members;
    const watcher = await open([one, two, three]);
    const now = follow(watcher);
    const first = await join([one, two, three], '127.0.0.1:1001');
    await join([two, three, one], '127.0.0.1:1002');
    await expect.poll(now).toEqual(['127.0.0.1:1001', '127.0.0.1:1002']);

    // The member that the watcher and the first instance use.
    await one.kill();
    await join([one, two, three], '127.0.0.1:1003');
    const three3 = ['127.0.0.1:1001', '127.0.0.1:1002', '127.0.0.1:1003'];
    await expect.poll(now, AWAY).toEqual(three3);
    await expect.poll(() => first.check().then(() => 'registered', String), AWAY).toBe('registered');

    await two.kill();
    await expect
      .poll(
        () =>
          watcher.check().then(
            () => 'follows',
            () => 'alone',
          ),
        AWAY,
      )
      .toBe('alone');
    const late = openEtcd(
      {
        endpoints: [one, two, three].map(({ endpoint }) => endpoint),
        isEncrypted: false,
        tls: {},
        login: undefined,
        prefix: '/stampede/',
      },
      silent,
    );
    expect(now()).toEqual(three3);

    await two.restart('kept');
    const joined = await late;
    undo.push(joined.close);
    joined.register(['store'], '127.0.0.1:1004');
    await expect.poll(now, AWAY).toEqual([...three3, '127.0.0.1:1004']);
  });
});
