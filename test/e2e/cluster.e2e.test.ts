import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { CONTEXT_NAMES } from '../../src/app/parts.ts';
import { etcdClient, etcdCredentials } from '../../src/platform/etcd/client.ts';
import { LEASE_SECONDS } from '../../src/platform/etcd/registration.ts';
import { HOUR_MS } from '../../src/platform/kernel/durations.ts';
import { listProcesses } from '../../src/platform/processes.ts';
import { programOf } from '../../tools/cluster/balancer.ts';
import { findEtcd } from '../../tools/etcd/start.ts';
import { call } from '../attacks/support.ts';
import { environOf } from '../support/environ-of.ts';
import { testKafka } from '../support/kafka.ts';

const brokers = await testKafka();
const BALANCERS = (['haproxy', 'nginx'] as const).filter((name) => programOf(name) !== undefined);
const hasEtcd = await findEtcd().then(
  () => true,
  () => false,
);
const MISSING = [
  ...(BALANCERS.length === 0 ? ['haproxy or nginx'] : []),
  ...(hasEtcd ? [] : ['etcd (Debian: apt-get install etcd-server)']),
];
if (MISSING.length > 0) {
  const missing = MISSING.join(' and ');
  if (process.env['REQUIRE_CLUSTER'] === '1') throw new Error(`The cluster needs ${missing}.`);
  process.stderr.write(`The tests of the cluster are left out: install ${missing}.\n`);
}
const FREE = ['--port=0', '--gateway-port=0', '--ops-port=0', '--grpc-port=0'];
const SMALL = ['--instances=coupon=2,gateway=2'];
const ADMIN = { email: 'admin@stampede.local', password: 'correct horse battery' };

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly dataDir: string;
  output(): string;
}

describe.skipIf(brokers === undefined || MISSING.length > 0)('npm run cluster', () => {
  const started: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of started.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  });

  function launch(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): { readonly child: ChildProcess; output(): string } {
    const child = spawn(process.execPath, ['tools/cluster/run.ts', ...args], {
      env: { PATH: process.env['PATH'], KAFKA_BROKERS: brokers, STAMPEDE_ADMIN_PASSWORD: ADMIN.password, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    started.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    return { child, output: () => output };
  }

  async function start(...args: string[]): Promise<Running> {
    const { child, output } = launch([...FREE, ...SMALL, ...args]);
    await expect.poll(output, { timeout: 120_000, interval: 100 }).toContain('Stampede is ready behind');
    const url = /API +(\S+)\/api\/v1/.exec(output())?.[1] ?? '';
    const dataDir = /STAMPEDE_DATA_DIR=(\S+)/.exec(output())?.[1] ?? '';
    return { child, url, dataDir, output };
  }
  const processesOf = (dataDir: string, pattern: RegExp) =>
    listProcesses().filter(({ pid, command }) => pattern.test(command) && environOf(pid).includes(dataDir));
  async function stop(on: Running): Promise<void> {
    on.child.kill('SIGINT');
    expect(await once(on.child, 'exit')).toEqual([0, null]);
  }
  /** What of the cluster runs: each process names its directory, or has it in its environment. */
  const remains = (dataDir: string): readonly string[] =>
    listProcesses()
      .filter(
        ({ pid, command }) => command.includes(dataDir) || environOf(pid).includes(`STAMPEDE_DATA_DIR=${dataDir}`),
      )
      .map(({ command }) => command);

  test.each(BALANCERS)(
    'the parts serve behind %s, one that is killed is started again, and a stop leaves nothing',
    async (balancer) => {
      const on = await start(`--balancer=${balancer}`);
      for (const name of ['postgres', 'kafka', 'etcd', 'coupon-1', 'point', 'gateway-2', 'balancer']) {
        expect(on.output()).toContain(`${name} is ready`);
      }
      const login = await call(on.url, 'POST', '/api/v1/auth/login', { json: ADMIN });
      expect(login.status).toBe(200);
      const running = JSON.parse(readFileSync(join(on.dataDir, 'run.json'), 'utf8'));
      expect([running.url, Object.keys(running.databases)]).toEqual([
        on.url,
        expect.arrayContaining(['coupon', 'gateway']),
      ]);
      const ofPoint = () => processesOf(on.dataDir, /serve --target point/);
      const [victim] = ofPoint();
      process.kill(victim?.pid ?? expect.unreachable(), 'SIGKILL');
      await expect.poll(on.output, { timeout: 60_000 }).toContain('point ended (SIGKILL) and is started again in 1 s');
      const balance = () => call(on.url, 'GET', '/api/v1/points/users/1/balance', { token: login.body.accessToken });
      await expect.poll(async () => (await balance()).status, { timeout: 60_000, interval: 500 }).toBe(200);
      expect(ofPoint().map(({ pid }) => pid)).not.toContain(victim?.pid);

      on.child.kill('SIGINT');
      const [code] = await once(on.child, 'exit');
      expect(code).toBe(0);
      await expect.poll(() => [remains(on.dataDir), existsSync(on.dataDir)]).toEqual([[], false]);
    },
  );

  test('the processes find each other in etcd alone, one that is killed leaves it with its lease and another one is found, and so are all after etcd was killed', async () => {
    const on = await start();
    const endpoint = /etcd +(127\.0\.0\.1:\d+)$/m.exec(on.output())?.[1] ?? expect.unreachable();
    const client = etcdClient({ endpoints: [endpoint], login: undefined, credentials: etcdCredentials(false, {}) });
    try {
      const entries = async (context: string) =>
        (await client.list(`/stampede/services/${context}/`).catch(() => undefined))?.entries ?? [];
      const processes = processesOf(on.dataDir, /serve --target/);
      expect(processes.filter(({ pid }) => /^\w+_ADDRESS=/m.test(environOf(pid)))).toEqual([]);
      const before = await entries('coupon');
      expect(before).toHaveLength(2);

      const victim = before[0] ?? expect.unreachable();
      const port = victim.value.split(':')[1];
      const killed = processes.find(({ pid }) => environOf(pid).split('\n').includes(`GRPC_PORT=${port}`));
      process.kill(killed?.pid ?? expect.unreachable(), 'SIGKILL');
      // Its successor has the same address. Beside its entry that of the dead one goes with the lease.
      await expect
        .poll(
          async () => {
            const now = await entries('coupon');
            return [now.some(({ key }) => key === victim.key), now.map(({ value }) => value).sort()];
          },
          { timeout: (LEASE_SECONDS + 30) * 1_000, interval: 200 },
        )
        .toEqual([false, before.map(({ value }) => value).sort()]);

      const [etcd] = listProcesses().filter(({ command }) =>
        command.includes(`--data-dir=${join(on.dataDir, 'etcd')}`),
      );
      process.kill(etcd?.pid ?? expect.unreachable(), 'SIGKILL');
      await expect.poll(on.output, { timeout: 60_000 }).toContain('etcd ended (SIGKILL) and is started again in 1 s');
      for (const context of CONTEXT_NAMES) {
        await expect
          .poll(async () => (await entries(context)).length, { timeout: 60_000, interval: 200 })
          .toBe(context === 'coupon' ? 2 : 1);
      }
      const ready = async () => (await call(on.url, 'GET', '/readyz')).body.dependencies;
      await expect.poll(async () => (await ready()).etcd, { timeout: 60_000 }).toBe('up');
    } finally {
      client.close();
    }
  });

  test('with --data accounts, coupons and events of before are there after a restart, and the audits find nothing', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'stampede-cluster-kept-'));
    try {
      const data = `--data=${join(directory, 'data')}`;
      const first = await start(data);
      const login = await call(first.url, 'POST', '/api/v1/auth/login', { json: ADMIN });
      const created = await call(first.url, 'POST', '/api/v1/coupon-policies', {
        token: login.body.accessToken,
        json: {
          name: 'kept',
          discountType: 'FIXED_AMOUNT',
          discountValue: 3_000,
          minimumOrderAmount: 0,
          distributionType: 'FIRST_COME',
          maxIssueCount: 2,
          validDays: 30,
          validFrom: new Date(Date.now() - HOUR_MS).toISOString(),
          validUntil: new Date(Date.now() + 24 * HOUR_MS).toISOString(),
        },
      });
      expect([created.status, created.body.status]).toEqual([201, 'ACTIVE']);
      const signUp = async (url: string, name: string): Promise<string> => {
        const credentials = { email: `${name}@example.com`, password: 'correct horse battery' };
        const signedUp = await call(url, 'POST', '/api/v1/auth/signup', { json: { ...credentials, name } });
        expect([signedUp.status, signedUp.text]).toEqual([201, expect.any(String)]);
        const session = await call(url, 'POST', '/api/v1/auth/login', { json: credentials });
        return session.body.accessToken;
      };
      const issue = (url: string, token: string) =>
        call(url, 'POST', `/api/v1/coupons/policies/${created.body.couponPolicyId}/issue`, { token, json: {} });
      const one = await signUp(first.url, 'one');
      expect((await issue(first.url, one)).status).toBe(201);
      await stop(first);
      await expect.poll(() => remains(first.dataDir)).toEqual([]);

      const second = await start(data);
      // The session of before is valid, and the count of before goes on.
      expect((await issue(second.url, one)).body.code).toBe('COUPON_ALREADY_ISSUED');
      expect((await issue(second.url, await signUp(second.url, 'two'))).status).toBe(201);
      expect((await issue(second.url, await signUp(second.url, 'three'))).body.code).toBe('COUPON_SOLD_OUT');
      const audit = spawn(process.execPath, ['bin/stampede.js', 'audit'], {
        env: { PATH: process.env['PATH'], STAMPEDE_DATA_DIR: second.dataDir },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let printed = '';
      audit.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
      const [code] = await once(audit, 'close');
      expect(code, printed).toBe(0);
      await stop(second);
      await expect.poll(() => remains(second.dataDir)).toEqual([]);
      expect(existsSync(second.dataDir)).toBe(true);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test('without etcd it says how to get it, and nothing starts', async () => {
    const { child, output } = launch([...FREE, ...SMALL], { PATH: '/usr/sbin' });
    const [code] = await once(child, 'close');
    expect([code, output()]).toEqual([
      1,
      'There is no etcd here, in which the processes find each other: put etcd on the PATH (Debian: apt-get install etcd-server), or set ETCD_ENDPOINTS=host:port.\n',
    ]);
  });

  test('nothing of the cluster survives a supervisor that is killed', async () => {
    const on = await start();
    expect(remains(on.dataDir).length).toBeGreaterThan(9);
    on.child.kill('SIGKILL');
    await once(on.child, 'exit');
    await expect.poll(() => [remains(on.dataDir), existsSync(on.dataDir)], { timeout: 60_000 }).toEqual([[], false]);
  });

  test('a port that is in use is named, with the option for another one, and nothing starts', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as { port: number };
    const { child, output } = launch([...FREE.slice(1), ...SMALL, `--port=${port}`]);
    const [code] = await once(child, 'close');
    holder.close();
    expect(code).toBe(1);
    expect(output()).toBe(
      `Port ${port}, of the load balancer, is in use. Stop what listens there, or choose others with --port (0: free ones).\n`,
    );
  });
});
