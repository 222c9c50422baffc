import { Pool } from 'undici';
import { issueProfile } from '../../src/commands/rush/coupon/issue-profile.ts';
import { sendAll } from '../../src/commands/rush/send-all.ts';
import { accessTokens } from '../../src/platform/http/access-token.ts';
import { startChild, urlLine } from '../support/child.ts';

// What does the rush's client cost? Its own sockets beside undici's dispatch, against a bare Fastify on the same cores.
// The client's CPU time per request is what it takes away from the server that it measures.
const USERS = 100_000;
const CONNECTIONS = 512;
const ROUNDS = 3;
const JWT_SECRET = 'a secret that only this bench knows of';

const baseline = new URL('../issue/baselines/bare.ts', import.meta.url).pathname;
const server = await startChild([process.execPath, baseline], { JWT_SECRET, CHECK: 'off' }, urlLine);
const url = new URL(server.url);
const tokens = accessTokens(JWT_SECRET, Date.now);
const profile = issueProfile({ url, policyId: '1', users: USERS, firstUser: 1n }, tokens, Date.now());
const headers = Array.from({ length: USERS }, (_, index) => {
  const [, token = ''] = /authorization: (.*)\r/.exec(Buffer.from(profile.request(index)).toString('latin1')) ?? [];
  return { authorization: token, 'content-length': '0' };
});

async function overSockets(): Promise<void> {
  await sendAll(profile, { urls: [url], connections: CONNECTIONS });
}

async function overUndici(): Promise<void> {
  const pool = new Pool(url.origin, { connections: CONNECTIONS, pipelining: 1 });
  const finished = Promise.withResolvers<void>();
  let left = USERS;
  for (let index = 0; index < USERS; index++) {
    const parts: Buffer[] = [];
    pool.dispatch(
      { path: '/api/v1/coupons/policies/1/issue', method: 'POST', headers: headers[index] ?? {} },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData: (_controller, chunk) => void parts.push(chunk),
        onResponseEnd() {
          JSON.parse(Buffer.concat(parts).toString('utf8'));
          left -= 1;
          if (left === 0) finished.resolve();
        },
        onResponseError: (_controller, error) => finished.reject(error),
      },
    );
  }
  await finished.promise;
  await pool.destroy();
}

async function measure(name: string, work: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  const cpuUs = ((user + system) / USERS).toFixed(1);
  console.log(`${name.padEnd(16)} ${Math.round((USERS * 1000) / ms)} requests/s, ${cpuUs} us of CPU per request`);
}

for (let round = 0; round < ROUNDS; round++) {
  await measure('own sockets', overSockets);
  await measure('undici dispatch', overUndici);
}
await server.stop();
