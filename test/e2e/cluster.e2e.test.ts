import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { listProcesses } from '../../src/platform/processes.ts';
import { programOf } from '../../tools/cluster/balancer.ts';
import { call } from '../attacks/support.ts';
import { testKafka } from '../support/kafka.ts';

const brokers = await testKafka();
const BALANCERS = (['haproxy', 'nginx'] as const).filter((name) => programOf(name) !== undefined);
if (BALANCERS.length === 0) {
  if (process.env['REQUIRE_CLUSTER'] === '1') throw new Error('no load balancer: apt-get install haproxy');
  process.stderr.write('The tests of the cluster are left out: install haproxy or nginx.\n');
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

describe.skipIf(brokers === undefined || BALANCERS.length === 0)('npm run cluster', () => {
  const started: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of started.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  });

  function launch(args: readonly string[]): { readonly child: ChildProcess; output(): string } {
    const child = spawn(process.execPath, ['tools/cluster/run.ts', ...args], {
      env: { PATH: process.env['PATH'], KAFKA_BROKERS: brokers, STAMPEDE_ADMIN_PASSWORD: ADMIN.password },
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
      const login = await call(on.url, 'POST', '/api/v1/auth/login', { json: ADMIN });
      expect(login.status).toBe(200);
      const running = JSON.parse(readFileSync(join(on.dataDir, 'run.json'), 'utf8'));
      expect([running.url, Object.keys(running.databases)]).toEqual([
        on.url,
        expect.arrayContaining(['coupon', 'gateway']),
      ]);
      const ofPoint = () =>
        listProcesses().filter(
          ({ pid, command }) => /serve --target point/.test(command) && environOf(pid).includes(on.dataDir),
        );
      const [victim] = ofPoint();
      process.kill(victim?.pid ?? expect.unreachable(), 'SIGKILL');
      await expect.poll(on.output, { timeout: 10_000 }).toContain('point ended (SIGKILL) and is started again in 1 s');
      const balance = () => call(on.url, 'GET', '/api/v1/points/users/1/balance', { token: login.body.accessToken });
      await expect.poll(async () => (await balance()).status, { timeout: 60_000, interval: 500 }).toBe(200);
      expect(ofPoint().map(({ pid }) => pid)).not.toContain(victim?.pid);

      on.child.kill('SIGINT');
      const [code] = await once(on.child, 'exit');
      expect([code, remains(on.dataDir), existsSync(on.dataDir)]).toEqual([0, [], false]);
    },
    240_000,
  );

  test('nothing of the cluster survives a supervisor that is killed', async () => {
    const on = await start();
    expect(remains(on.dataDir).length).toBeGreaterThan(9);
    on.child.kill('SIGKILL');
    await once(on.child, 'exit');
    await expect.poll(() => [remains(on.dataDir), existsSync(on.dataDir)], { timeout: 20_000 }).toEqual([[], false]);
  }, 180_000);

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

function environOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').replaceAll('\0', '\n');
  } catch {
    return '';
  }
}
