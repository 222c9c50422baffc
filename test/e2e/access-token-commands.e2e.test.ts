// @module-tag settings
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stage, stage } from '../attacks/support.ts';
import { type CommandResult, runCommand } from '../support/run-command.ts';
import { temporaryDir } from '../support/serve.ts';
import { type SigningIssuer, startSigningIssuer } from '../support/signing-issuer.ts';

const dir = temporaryDir();
let issuer: SigningIssuer;
let on: Stage;
beforeAll(async () => {
  issuer = await startSigningIssuer('keycloak');
  on = await stage({ issuers: [issuer.settings()] });
});
afterAll(async () => {
  await on.stop();
  await issuer.stop();
  await dir.remove();
});

const stampede = (env: Readonly<Record<string, string>>, ...args: string[]): Promise<CommandResult> =>
  runCommand(args, { env: { XDG_CONFIG_HOME: dir.path, STAMPEDE_URL: on.url, ...env }, cwd: dir.path });

test('an administrator of another issuer calls commands with an access token of that issuer', async () => {
  const token = await issuer.sign({ sub: 'ada', roles: ['shop-admin'] });
  const { code, stdout, stderr } = await stampede(
    { STAMPEDE_ACCESS_TOKEN: token },
    ...['keys', 'create', '--name', 'till', '--scopes', 'coupons:read', '--json'],
  );
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ name: 'till' });
});

test('a token of a customer may do no more in a command than elsewhere', async () => {
  const token = await issuer.sign({ sub: 'bob', roles: [] });
  const { code, stderr } = await stampede({ STAMPEDE_ACCESS_TOKEN: token }, 'keys', 'list');
  expect([code === 0, stderr]).toEqual([false, expect.stringContaining('FORBIDDEN')]);
});

test('a log-in that is refused says what users of another issuer do instead', async () => {
  const login = ['login', '--email', 'ada@shop.example', '--password-stdin'];
  const { code, stderr } = await runCommand(login, {
    env: { XDG_CONFIG_HOME: dir.path, STAMPEDE_URL: on.url },
    cwd: dir.path,
    input: 'her password at keycloak\n',
  });
  expect([code === 0, stderr]).toEqual([false, expect.stringContaining('STAMPEDE_ACCESS_TOKEN')]);
});
