import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { namedOperations, operationKey } from '../../tools/site/named-operations.ts';
import { SOURCES } from '../../tools/site/pages.ts';
import { cloneInto, installIn, newcomersEnv, type StartedClone, startIn } from '../../tools/tour/clone.ts';
import { runTour, type Step } from '../../tools/tour/tour.ts';
import { temporaryDir } from '../support/serve.ts';

// What the README promises, from a clean clone of what is committed. Nothing here runs the tests again.
const README_SETUP = '```bash\nnpm ci && npm start\n```';
const README_RUSH = '| `npm run rush -- --users 20000 --coupons 500` |';
const INSTALL_MS = 5 * 60_000;
const RUSH = ['run', 'rush', '--', '--users', '2000', '--coupons', '200', '--connections', '64', '--json'];

const dir = temporaryDir();
const clone = join(dir.path, 'stampede');
let server: StartedClone | undefined;

beforeAll(async () => {
  cloneInto(clone);
  installIn(clone);
  server = await startIn(clone, 0);
}, INSTALL_MS);
afterAll(async () => {
  await server?.stop();
  await dir.remove();
}, INSTALL_MS);

const started = (): StartedClone => {
  if (server === undefined) throw new Error('the clone did not start');
  return server;
};

it('the commands of this test are those of the README', () => {
  const readme = readFileSync(join(clone, 'README.md'), 'utf8');
  expect(readme).toContain(README_SETUP);
  expect(readme).toContain(README_RUSH);
});

it('npm start serves, and says that it is ready', async () => {
  expect(started().output()).toContain('Stampede is ready');
  expect((await fetch(`${started().url}/api/docs`)).status).toBe(200);
});

it(
  'every block of the tour in the README does what the README says',
  async () => {
    const steps: Step[] = [];
    await runTour({ clone, server: started(), until: 'END', onStep: (step) => steps.push(step) });
    expect(steps.length).toBeGreaterThan(5);
  },
  INSTALL_MS,
);

it('every operation that a document names exists', async () => {
  const document = await (await fetch(`${started().url}/api/openapi.json`)).json();
  const { paths } = document as { readonly paths: Readonly<Record<string, object>> };
  const known = new Set(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => operationKey(method, path)),
    ),
  );
  // Those of the sandbox exist with STAMPEDE_SANDBOX=on, and decisions and past changes may name what was. The guides to replacing other systems name the
  // operations of these, too: test/gateway/replacing-guides.test.ts reads them by columns.
  const present = SOURCES.filter(
    (source) => !/^docs\/(adr|guides\/replacing)\//.test(source) && source !== 'CHANGELOG.md',
  );
  const named = present.flatMap((source) => namedOperations(source).map((operation) => ({ source, operation })));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ operation }) => !operation.includes(' /sandbox/') && !known.has(operation))).toEqual([]);
});

it(
  'npm run rush issues exactly the available coupons, also within the limits of callers',
  () => {
    const rush = (args: readonly string[]): unknown =>
      JSON.parse(execFileSync('npm', ['--silent', ...args], { cwd: clone, env: newcomersEnv(0), encoding: 'utf8' }));
    expect(rush(RUSH)).toMatchObject({ exact: true, users: 2000, coupons: 200 });
    for (const kind of ['checkout', 'timesale']) {
      const found = rush(['run', 'rush', '--', '--kind', kind, '--users', '400', '--json']);
      expect([kind, found]).toEqual([kind, expect.objectContaining({ exact: true })]);
    }
  },
  INSTALL_MS,
);

it('Ctrl-C stops everything', async () => {
  await started().stop();
  expect(existsSync(join(clone, '.stampede/run.json'))).toBe(false);
  expect(existsSync(join(clone, '.stampede/postgres/postmaster.pid'))).toBe(false);
});
