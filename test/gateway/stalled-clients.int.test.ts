// @module-tag settings
import { once } from 'node:events';
import { type ClientRequest, get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { OF_PRINCIPAL_MAX } from '../../src/gateway/downloads.ts';
import { DEFAULT_TIMEOUTS } from '../../src/gateway/server/fastify.ts';
import { openPolicy, type Stage, stage, testUsers } from '../attacks/support.ts';

const testUser = testUsers();
const CODES = 200_000;
const CODE_CHARS = 80;
const TIMEOUT_MS = 90_000;
let on: Stage;
let path: string;
const requests: ClientRequest[] = [];

beforeAll(async () => {
  on = await stage({}, { timeouts: { ...DEFAULT_TIMEOUTS, stalledMs: 2_000 } });
  const token = on.token(testUser(1), 'ADMIN');
  const policyId = await openPolicy(on, { distributionType: 'CODE', maxIssueCount: CODES });
  // A file of 17 MB: the buffers of the operating system hold 4 to 6 MB of it.
  const json = { count: CODES, pattern: '#'.repeat(CODE_CHARS) };
  const job = await on.call('POST', `/api/v1/coupon-policies/${policyId}/codes`, { token, json });
  await vi.waitFor(
    async () => {
      const { body } = await on.call('GET', `/api/v1/jobs/${job.body.jobId}`, { token });
      expect(body.status).toBe('DONE');
    },
    { timeout: TIMEOUT_MS, interval: 200 },
  );
  // Without statistics PostgreSQL sorts the rest of the file for each page, and the buffers fill slowly.
  await on.query('analyze coupon.coupon_codes');
  path = `/api/v1/coupon-policies/${policyId}/codes.csv`;
}, TIMEOUT_MS);
afterEach(() => {
  for (const request of requests.splice(0)) request.destroy();
});
afterAll(() => on?.stop());

/** Resolves with the head of the response. Nothing more of it is read. */
async function begin(user: number): Promise<IncomingMessage> {
  const headers = { authorization: `Bearer ${on.token(testUser(user), 'ADMIN')}` };
  const request = get(`${on.url}${path}`, { agent: false, headers }).on('error', () => {});
  requests.push(request);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response.on('error', () => {});
}

async function statusOf(user: number): Promise<number | undefined> {
  const { statusCode, socket } = await begin(user);
  socket.destroy();
  return statusCode;
}

it(
  'downloads that are not read lose their places',
  async () => {
    const begun = await Promise.all(Array.from({ length: OF_PRINCIPAL_MAX }, () => begin(2)));
    expect(begun.map(({ statusCode }) => statusCode)).toEqual(begun.map(() => 200));
    expect(await statusOf(2)).toBe(429);
    await vi.waitFor(async () => expect(await statusOf(2)).toBe(200), { timeout: TIMEOUT_MS / 3, interval: 100 });
  },
  TIMEOUT_MS,
);

it(
  'a download that is read a bit at a time goes on to its end',
  async () => {
    const slow = await begin(3);
    let text = '';
    while (!slow.readableEnded && !slow.destroyed) {
      // About 100 kB each time: it takes three times as long as a client that reads nothing has.
      await sleep(40);
      text += slow.read() ?? '';
    }
    // The header is a line, and so is what follows the last line break.
    expect([text.split('\r\n').length, slow.complete]).toEqual([CODES + 2, true]);
  },
  TIMEOUT_MS,
);
