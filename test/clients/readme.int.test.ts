import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { signedHeaders, webhookSecret } from '../../src/platform/http/webhook-signature.ts';
import { freePort } from '../../src/platform/postgres/embedded/free-port.ts';
import { openPolicy, type Stage, stage, testUsers } from '../attacks/support.ts';
import { checkTypes, installPackedClient } from './packed-client.ts';

const README = 'clients/typescript/README.md';
const PROGRAM = 'integration.ts';
const LINES_MAX = 40;
const SCOPES = ['coupons:issue', 'coupons:read', 'points:write'];

let on: Stage;
let dir: string;
beforeAll(async () => {
  on = await stage();
  dir = await mkdtemp(join(tmpdir(), 'stampede-client-'));
  await installPackedClient(dir);
});
afterAll(async () => {
  await on?.stop();
  await rm(dir, { recursive: true, force: true });
});

/** The first program of the README. */
async function programOfReadme(): Promise<string> {
  const [, program = ''] = /```ts\n([\s\S]*?)```/.exec(await readFile(README, 'utf8')) ?? [];
  return program;
}

it('the forty lines of the README compile against the packed client and integrate a shop', async () => {
  const program = await programOfReadme();
  expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(LINES_MAX);
  await writeFile(join(dir, PROGRAM), program);
  await checkTypes(dir, PROGRAM);

  const policyId = await openPolicy(on, { maxIssueCount: 10 });
  const token = on.token('1', 'ADMIN');
  const made = await on.call('POST', '/api/v1/auth/api-keys', { token, json: { name: 'shop', scopes: SCOPES } });
  const key = randomBytes(32);
  const port = await freePort();
  const child = spawn(process.execPath, [PROGRAM], {
    cwd: dir,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      STAMPEDE_URL: on.url,
      STAMPEDE_API_KEY: made.body.secret,
      WEBHOOK_SECRET: webhookSecret(key),
      POLICY_ID: policyId,
      USER_ID: testUsers()(1),
      PORT: String(port),
    },
  });
  try {
    const printed: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      printed.push(line);
      if (line === 'webhooks are welcome') expect(await deliver(port, key)).toEqual([204, 400]);
      if (line.startsWith('webhook msg_1')) break;
    }
    expect(printed).toEqual([
      '10 coupons are left',
      'coupon 1 is issued',
      '500 points are booked',
      'Opening day: ISSUED',
      'webhooks are welcome',
      'webhook msg_1: coupon.issued',
    ]);
  } finally {
    if (child.exitCode === null && child.kill()) await once(child, 'exit');
  }
});

/** Sends a webhook, and one with another body. Returns the status of each response. */
async function deliver(port: number, key: Buffer): Promise<readonly number[]> {
  const body = JSON.stringify({ type: 'coupon.issued', data: {} });
  const headers = signedHeaders([key], { id: 'msg_1', timestamp: Math.floor(Date.now() / 1_000), body });
  const post = async (sent: string) =>
    (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: sent })).status;
  return [await post(body), await post(`${body} `)];
}
